/** A machine from scratch on a host whose licence leaves only SSH. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { scratchVm } from "../../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { killShellAt } from "../kill-shell-at.ts";
import { failure, type Lab, type Managed } from "../lab.ts";
import { ResourceLab } from "../resource-lab.ts";

let vms: ResourceLab;
let lab: Lab;

beforeEach(async () => {
  vms = await ResourceLab.of(scratchVm, "ScratchVm", { license: "free", ssh: { listen: "127.0.0.1:0" } });
  lab = vms.lab;
});

afterEach(() => lab.close());

const WEB = { disks: [{ size: 0.01 }], networkInterfaces: [{ network: "VM Network" }] };
const contents = async () => {
  const { vms: machines, files } = await lab.raw.contents();
  return { machines, files };
};
const NOTHING = { machines: [], files: [] };

describe("on a free licence", () => {
  test("is made, changed with one power cycle, and deleted, without one write through the API", async () => {
    const web = await vms.create("web.example", WEB);
    expect(web.outs).toMatchObject({
      powerState: "poweredOn",
      vmxPath: "[datastore1] web.example/web.example.vmx",
    });
    expect(web.outs.macAddresses).toEqual([expect.stringMatching(/^00:0c:29:/)]);
    const settings = {
      ...WEB,
      annotation: "more",
      disks: [
        { label: "disk0", size: 0.02 },
        { label: "data", size: 0.01, controller: "nvme" },
      ],
    };
    lab.said.length = 0;
    await vms.diff(web, settings);
    expect(lab.texts("info").join("\n")).toMatch(
      /with one power cycle, as it goes over SSH: .*annotation.*|disks/,
    );
    const changed = await vms.update(web, settings);
    expect(changed.outs).toMatchObject({ powerState: "poweredOn", annotation: "more" });
    expect(await vms.diff(changed, settings)).toMatchObject({ changes: false });
    const refused = await failure(vms.update(changed, { ...settings, memory: 512, allowPowerCycle: false }));
    expect(refused.message).toMatch(/must be powered off to change its .*allowPowerCycle is false/);
    const smaller = { ...settings, disks: [{ label: "disk0", size: 0.02 }] };
    await vms.delete(await vms.update(changed, smaller));
    expect(await contents()).toEqual(NOTHING);
    const calls = lab.raw.simulator.requests.entries().map(({ method }) => method);
    const writes = calls.filter((method) => /_Task$/.test(method) && !/^SearchDatastore/.test(method));
    expect(writes).toEqual([]);
  });

  test("leaves nothing if a disk has no room, and is what it was if one does not come", async () => {
    const tooLarge = { ...WEB, disks: [{ size: 60_000, provisioning: "eagerZeroedThick" }] };
    await failure(vms.create("web", tooLarge));
    await lab.restart();
    const web = await vms.create("web", { ...WEB, powerOn: false });
    const before = await contents();
    await failure(vms.update(web, { ...WEB, powerOn: false, disks: [{ size: 0.01 }, ...tooLarge.disks] }));
    expect(await contents()).toEqual(before);
    await vms.delete(web);
    expect(await contents()).toEqual(NOTHING);
  });
});

describe("a run that is killed", () => {
  const off = { ...WEB, powerOn: false };
  const other = { ...off, disks: [{ size: 0.02 }, { label: "data", size: 0.01 }] };
  const STEPS = {
    create: { first: undefined, last: other, from: 1, every: 3 },
    update: {
      first: other,
      last: { ...off, disks: [{ size: 0.02 }, { label: "new", size: 0.01 }] },
      // At an even one the file has other disks than the host shows.
      from: 2,
      every: 2,
    },
  };

  /** Every change with KILLS=all. */
  const unlessAll = (number: number) => (process.env.KILLS === "all" ? 1 : number);

  test.each(["create", "update"] as const)(
    "in %s is made good by the next one",
    async (step) => {
      const { first, last, from, every } = STEPS[step];
      const to = (vm: Managed | undefined, context = lab.context()) =>
        vm === undefined ? vms.create("web", last, context) : vms.update(vm, last, context);
      const prepare = async () => (first === undefined ? undefined : vms.create("web", first));
      const reference = await to(await prepare());
      const whole = await contents();
      await vms.delete(reference);
      for (let change = unlessAll(from); ; change += unlessAll(every)) {
        const vm = await prepare();
        const doomed = lab.connect();
        const seen: string[] = [];
        const { killed } = await killShellAt(doomed, change, "after", seen);
        const run = to(vm, lab.context(undefined, doomed));
        const isKilled = await Promise.race([killed.then(() => true), run.then(() => false)]);
        const made = isKilled ? undefined : await run;
        lab.raw.simulator.expireSessions();
        await lab.restart();
        const what = `killed after change ${change}, ${seen.at(-1)}`;
        // The last change of a create says that it is done: whoever is killed behind it has a machine without a state.
        const finished = made ?? (await to(vm).catch((error: Error) => error));
        if (finished instanceof Error) {
          expect([step, seen.at(-1)], finished.message).toEqual(["create", "removeFiles"]);
          return;
        }
        expect(await contents(), what).toEqual(whole);
        await vms.delete(finished);
        expect(await contents(), what).toEqual(NOTHING);
        if (!isKilled) return;
      }
    },
    120_000,
  );
});
