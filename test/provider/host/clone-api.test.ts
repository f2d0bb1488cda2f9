/** Clones through the API: what they keep of their source, who sees them, and what a failed one leaves. */
import { readFile, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CloneLab } from "../resources/clone-lab.ts";
import { failure, type Managed } from "../resources/lab.ts";

let clones: CloneLab;
let golden: Managed;

beforeEach(async () => {
  clones = await CloneLab.open({ ssh: { listen: "127.0.0.1:0" }, taskDurationMs: 5 });
  golden = await clones.golden();
});

afterEach(async () => {
  await clones.lab.close();
});

const fileOf = (name: string) => clones.lab.raw.simulator.localFile(`[datastore1] ${name}`);
const WAYS = [
  ["full", { mode: "full" }],
  ["linked", { mode: "linked" }],
  ["full over SSH", { mode: "full", transport: "ssh" }],
] as const;

describe.each(WAYS)("a %s clone", (_, way) => {
  test("keeps the NVRAM of its source, where an EFI machine has its boot entries", async () => {
    const { moid } = clones.lab.raw.vm("golden");
    await clones.lab.raw.simulator.behindBack.powerOn(moid);
    await clones.lab.raw.simulator.behindBack.powerOff(moid);
    await writeFile(fileOf("golden/golden.nvram"), "boot entries of golden");
    await clones.create("student", { ...way, powerOn: false });
    expect(await readFile(fileOf("student/student.nvram"), "utf8")).toBe("boot entries of golden");
    expect(await readFile(fileOf("student/student.vmx"), "utf8")).toContain('nvram = "student.nvram"');
  });

  test("has no NVRAM if its source has none", async () => {
    await clones.create("student", { ...way, powerOn: false });
    expect((await clones.lab.raw.contents()).files.filter((file) => file.endsWith(".nvram"))).toEqual([]);
  });

  test("that is stopped half-way leaves nothing behind", async () => {
    const before = await clones.lab.raw.contents();
    const stop = new AbortController();
    const [method, entity] = "transport" in way ? ["ssh.exec", "registervm"] : ["CreateVM_Task", undefined];
    clones.lab.raw.simulator.faults.add({
      method,
      entity,
      count: 1,
      action: "continue",
      onWork: (moment) => (moment === "before" ? stop.abort(new Error("^C")) : undefined),
    });
    const error = await failure(
      clones.create("student", { ...way, powerOn: false }, clones.lab.context(stop.signal)),
    );
    if ("transport" in way) {
      // It was whole: Pulumi's state has it.
      expect(error.name).toBe("UnfinishedError");
      expect((await clones.lab.raw.contents()).vms).toEqual(["golden: poweredOff", "student: poweredOff"]);
      return;
    }
    expect(error.message).toBe("^C");
    const { vms, files } = await clones.lab.raw.contents();
    expect({ vms, files }).toEqual({ vms: before.vms, files: before.files });
  });
});

test.each([
  ["CopyVirtualDisk_Task", { taskFault: "FileFault", message: "no" }],
  ["MoveVirtualDisk_Task", { taskFault: "FileFault", message: "no" }],
  ["ReconfigVM_Task", { taskFault: "GenericVmConfigFault", message: "no" }],
] as const)(
  "a full clone that fails in %s leaves nothing behind, and says what the host said",
  async (method, action) => {
    const before = await clones.lab.raw.contents();
    clones.lab.raw.simulator.faults.add({ method, count: 1, action });
    const error = await failure(clones.create("student", { powerOn: false }));
    expect(error.message).toMatch(/: no \(/);
    expect(error.name).not.toBe("UnfinishedError");
    const { vms, files } = await clones.lab.raw.contents();
    expect({ vms, files }).toEqual({ vms: before.vms, files: before.files });
  },
);

test("a full clone that is stopped while a disk is copied ends the copy and leaves nothing behind", async () => {
  const before = await clones.lab.raw.contents();
  const stop = new AbortController();
  clones.lab.raw.simulator.faults.add({
    method: "CopyVirtualDisk_Task",
    count: 1,
    action: "continue",
    onWork: (moment) => (moment === "after" ? stop.abort(new Error("^C")) : undefined),
  });
  const error = await failure(clones.create("student", {}, clones.lab.context(stop.signal)));
  expect(error.message).toBe("^C");
  const { vms, files } = await clones.lab.raw.contents();
  expect({ vms, files }).toEqual({ vms: before.vms, files: before.files });
});

test("what a failed clone could not remove is told, and the next one removes it", async () => {
  const { faults } = clones.lab.raw.simulator;
  faults.add({ method: "CopyVirtualDisk_Task", count: 1, action: { taskFault: "FileFault", message: "no" } });
  faults.add({ method: "Destroy_Task", action: { taskFault: "SystemError", message: "not now" } });
  await failure(clones.create("student", {}));
  expect(clones.lab.texts("warn").join()).toMatch(
    /could not be removed, and the next run will do it: .*not now/,
  );
  expect((await clones.lab.raw.contents()).vms).toEqual(["golden: poweredOff", "student: poweredOff"]);
  faults.clear();
  await clones.lab.restart();
  await clones.create("student", {});
  expect((await clones.lab.raw.contents()).vms).toEqual(["golden: poweredOff", "student: poweredOn"]);
});

test("a new linked clone is seen by who would delete its source in the same run, whenever all were looked at", async () => {
  await clones.create("one", { mode: "linked" });
  expect((await failure(clones.lab.delete(golden))).message).toMatch(/"one" build/);
  await clones.lab.host.vms.overview().inventory();
  await clones.create("two", { mode: "linked" });
  expect((await failure(clones.lab.delete(golden))).message).toMatch(/"one", "two" build/);
  expect((await clones.lab.raw.contents()).vms).toEqual([
    "golden: poweredOff",
    "one: poweredOn",
    "two: poweredOn",
  ]);
});

test("the first linked clone is seen by who would delete its source in the same run", async () => {
  const other = await clones.lab.create({ name: "other", powerOn: false });
  await clones.lab.delete(other);
  await clones.lab.host.vms.overview().inventory();
  await clones.create("one", { mode: "linked" });
  expect((await failure(clones.lab.delete(golden))).message).toMatch(/"one" build/);
});
