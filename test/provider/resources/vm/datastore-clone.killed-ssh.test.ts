import { afterEach, beforeEach, expect, test } from "vitest";
import { CloneLab } from "../clone-lab.ts";
import { killShellAt } from "../kill-shell-at.ts";

let clones: CloneLab;

beforeEach(async () => {
  clones = await CloneLab.open({ ssh: { listen: "127.0.0.1:0" } });
});

afterEach(async () => {
  await clones.lab.close();
});

const SSH = { transport: "ssh" };
test.each([
  ["full", "before"],
  ["full", "after"],
  ["linked", "after"],
] as const)(
  "a %s clone over SSH whose process is killed %s any change is made once and whole by the next run",
  async (mode, moment) => {
    const settings = { ...SSH, mode };
    await clones.golden();
    const disk = await clones.lab.raw.rawDisk("golden");
    const untouched = await clones.lab.raw.contents();
    const all: string[] = [];
    const counting = clones.lab.connect();
    await killShellAt(counting, 0, "before", all);
    const reference = await clones.create("student", settings, clones.lab.context(undefined, counting));
    const whole = await clones.lab.raw.contents();
    await clones.delete(reference);
    const ofMode = { full: ["cloneDisk", "renameDisk"], linked: ["createSnapshot", "unregister"] }[mode];
    expect(all).toEqual(expect.arrayContaining(["makeFolder", ...ofMode, "register", "powerOn"]));
    // The last change says that all is done.
    const last = moment === "after" ? all.length - 1 : all.length;
    for (let change = 1; change <= last; change++) {
      const doomed = clones.lab.connect();
      const what = `${moment} ${all[change - 1]} (${change})`;
      const { killed } = await killShellAt(doomed, change, moment, []);
      const first = clones.create("student", settings, clones.lab.context(undefined, doomed));
      await Promise.race([killed, first.then(() => Promise.reject(new Error(`${what}: it was not killed`)))]);
      clones.lab.raw.simulator.expireSessions();
      await clones.lab.restart();
      const clone = await clones.create("student", settings);
      const { vms, files } = await clones.lab.raw.contents();
      expect({ vms, files }, what).toEqual({ vms: whole.vms, files: whole.files });
      expect(await clones.lab.raw.rawDisk("student"), what).toBe(disk);
      await clones.delete(clone);
      const left = await clones.lab.raw.contents();
      expect({ vms: left.vms, files: left.files }, what).toEqual({
        vms: untouched.vms,
        files: untouched.files,
      });
    }
  },
  180_000,
);
