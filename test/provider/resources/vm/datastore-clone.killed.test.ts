import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { EsxiHost } from "../../../../provider/host/esxi-host.ts";
import type { Properties } from "../../../../provider/resources/frame/lifecycle.ts";
import { CloneLab } from "../clone-lab.ts";
import { killAt, READS } from "../kill-at.ts";

let clones: CloneLab;

beforeEach(async () => {
  clones = await CloneLab.open({ ssh: { listen: "127.0.0.1:0" } });
});

afterEach(async () => {
  await clones.lab.close();
});

/** Runs a create that is killed, then the same again in a new process; undefined if the create ended before. */
async function killAndRepeat(
  settings: Properties,
  kill: (host: EsxiHost) => Promise<string>,
): Promise<string | undefined> {
  const doomed = clones.lab.connect();
  const { call } = doomed.client;
  const killed = kill(doomed);
  const first = clones.create("student", settings, clones.lab.context(undefined, doomed));
  const what = await Promise.race([killed, first.then(() => undefined)]);
  if (what === undefined) return undefined;
  // The session of a killed process ends in the end.
  clones.lab.raw.simulator.expireSessions();
  await clones.lab.restart();
  // Only so that it can be closed at the end; what it was waiting for never comes.
  doomed.client.call = call;
  const clone = await clones.create("student", settings);
  expect(clone.outs, what).toMatchObject({ name: "student", powerState: "poweredOn" });
  return what;
}

describe.each([
  ["full", { mode: "full" }],
  ["linked", { mode: "linked" }],
])("a %s clone whose process is killed", (_, settings) => {
  test.each(["before", "after"] as const)(
    "%s any change on the host is made once and whole by the next run",
    async (moment) => {
      await clones.golden();
      const disk = await clones.lab.raw.rawDisk("golden");
      const untouched = await clones.lab.raw.contents();
      const seenBefore = clones.lab.raw.simulator.requests.entries().length;
      const reference = await clones.create("student", settings);
      const requests = clones.lab.raw.simulator.requests.entries().slice(seenBefore);
      const changes = requests.filter(({ method }) => !READS.test(method)).length;
      const whole = await clones.lab.raw.contents();
      await clones.delete(reference);
      const seen: string[] = [];
      // The last change says that all is done: who is killed after it leaves a VM that nobody can tell from a colleague's.
      for (let change = 1; change <= (moment === "after" ? changes - 1 : changes); change++) {
        const what = await killAndRepeat(settings, (host) => killAt(host, change, moment));
        if (what === undefined) throw new Error(`There is no change ${change}.`);
        seen.push(what);
        const { vms, files } = await clones.lab.raw.contents();
        expect({ vms, files }, what).toEqual({ vms: whole.vms, files: whole.files });
        expect(await clones.lab.raw.rawDisk("student"), what).toBe(disk);
        const { instanceUuid, moid } = clones.lab.raw.vm("student");
        await clones.delete({ ...reference, id: instanceUuid, outs: { ...reference.outs, moid } });
        const left = await clones.lab.raw.contents();
        expect({ vms: left.vms, files: left.files }, what).toEqual({
          vms: untouched.vms,
          files: untouched.files,
        });
      }
      expect(seen).toEqual(expect.arrayContaining(["CreateVM_Task", "PowerOnVM_Task"]));
    },
    180_000,
  );
});
