/** Clones through the API: what they keep of their source, who sees them, and what a failed one leaves. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cloneFullByApi, cloneLinkedByApi } from "../../../../provider/host/clone/clone-api.ts";
import { type CloneSource, findCloneSource } from "../../../../provider/host/clone/clone-source.ts";
import { create } from "../../../../provider/vim/codec/objects.ts";
import { isFault } from "../../../../provider/vim/faults.ts";
import type { VirtualDisk, VirtualMachineConfigSpec } from "../../../../schema/index.ts";
import { CloneLab } from "../../resources/clone-lab.ts";
import { failure, type Managed } from "../../resources/lab.ts";

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

  test("has the disks of its source, and says which of its devices it has not", async () => {
    await clones.create("student", { ...way, powerOn: false });
    expect(await clones.lab.raw.rawDisk("student")).toBe(await clones.lab.raw.rawDisk("golden"));
    expect(clones.lab.texts("warn")).toEqual([]);
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

describe.each(WAYS)("a %s clone in a folder that is named", (_, way) => {
  const wish = { ...way, powerOn: false, folder: "class/one" };

  test("is made in one that is there and empty", async () => {
    await mkdir(fileOf("class/one"), { recursive: true });
    await clones.create("student", wish);
    expect(clones.lab.raw.vm("student").vmxPath).toBe("[datastore1] class/one/one.vmx");
  });

  test("is refused by one that has something, which stays alone there", async () => {
    await mkdir(fileOf("class/one"), { recursive: true });
    await writeFile(fileOf("class/one/notes.txt"), "mine");
    const before = await clones.lab.raw.contents();
    expect((await failure(clones.create("student", wish))).message).toMatch(
      /the folder \[datastore1\] class\/one has files in it already, and they are left alone/,
    );
    const { vms, files } = await clones.lab.raw.contents();
    expect({ vms, files }).toEqual({ vms: before.vms, files: before.files });
  });
});

describe.each(["full", "linked"])("a %s clone that the host does not make", (mode) => {
  const inFolder = async (meanwhile: (folder: string) => Promise<void>) => {
    clones.lab.raw.simulator.faults.add({
      method: "CreateVM_Task",
      count: 1,
      action: { taskFault: "SystemError", message: "no" },
      onWork: (moment) => (moment === "before" ? meanwhile(fileOf("class/one")) : undefined),
    });
    await failure(clones.create("student", { mode, powerOn: false, folder: "class/one" }));
    return (await clones.lab.raw.contents()).files.filter((file) =>
      file.startsWith("[datastore1] class/one"),
    );
  };

  test("leaves no folder that was made for it", async () => {
    expect(await inFolder(async () => {})).toEqual([]);
  });

  test("leaves a folder that was there before", async () => {
    await mkdir(fileOf("class/one"), { recursive: true });
    expect(await inFolder(async () => {})).toEqual(["[datastore1] class/one/"]);
  });

  test("leaves what somebody has put into its folder meanwhile", async () => {
    expect(await inFolder((folder) => writeFile(`${folder}/notes.txt`, "mine"))).toEqual([
      "[datastore1] class/one/",
      "[datastore1] class/one/notes.txt",
    ]);
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

describe("on a host with two datastores", () => {
  beforeEach(async () => {
    await clones.lab.close();
    const datastores = ["datastore1", "datastore2"].map((name) => ({ name, capacityBytes: 1024 ** 4 }));
    clones = await CloneLab.open({ datastores });
    await clones.golden({ datastore: "datastore2" });
  });

  test.each(["full", "linked"])(
    "a %s clone is beside its source unless another one is named",
    async (mode) => {
      await clones.create("student", { mode, powerOn: false });
      expect(clones.lab.raw.vm("student").vmxPath).toBe("[datastore2] student/student.vmx");
      await clones.create("named", { mode, powerOn: false, datastore: "datastore2" });
      expect(clones.lab.raw.vm("named").vmxPath).toBe("[datastore2] named/named.vmx");
    },
  );

  test("a full clone is on the datastore that is named, in its folder", async () => {
    const clone = { powerOn: false, datastore: "datastore1", folder: "lab/week1/one" };
    await clones.create("student", clone);
    expect(clones.lab.raw.vm("student").vmxPath).toBe("[datastore1] lab/week1/one/one.vmx");
    expect(clones.lab.raw.diskPaths("student")).toEqual(["[datastore1] lab/week1/one/one.vmdk"]);
  });

  test("a linked clone on another one is refused before anything is made", async () => {
    const before = await clones.lab.raw.contents();
    const error = await failure(clones.create("student", { mode: "linked", datastore: "datastore1" }));
    expect(error.message).toMatch(/"golden" is on datastore2, not on datastore1.*Nothing was created/);
    const { vms, files } = await clones.lab.raw.contents();
    expect({ vms, files }).toEqual({ vms: before.vms, files: before.files });
  });
});

describe("a full clone", () => {
  test("tells how far the copy is, and of several disks which", async () => {
    await clones.create("student", { powerOn: false });
    expect(clones.lab.texts("status")).toContainEqual(
      expect.stringMatching(/^copying the disk of "golden": \d+%$/),
    );
    await clones.lab.create({ name: "two", powerOn: false, disks: [{}, { label: "data", size: 0.01 }] });
    await clones.create("other", { source: "two", powerOn: false });
    expect(clones.lab.texts("status")).toContainEqual(
      expect.stringMatching(/^copying disk 1 of 2 of "two": \d/),
    );
    expect(clones.lab.texts("status")).toContainEqual(
      expect.stringMatching(/^copying disk 2 of 2 of "two": \d/),
    );
  });

  test("has the modes of its source's disks", async () => {
    const modes = (name: string) =>
      (clones.lab.raw.vm(name).config.hardware.device ?? []).flatMap(({ backing }) =>
        backing && "diskMode" in backing ? [backing.diskMode] : [],
      );
    const independent = [{}, { label: "data", size: 0.01, mode: "independent_persistent" }];
    await clones.lab.create({ name: "two", powerOn: false, disks: independent });
    await clones.create("student", { source: "two", powerOn: false });
    expect(modes("student")).toEqual(["persistent", "independent_persistent"]);
  });

  test.each([
    [
      "runs",
      true,
      /^esxi1 does not copy the disks of "golden" through the API while it runs.*transport: "ssh"/,
    ],
    ["is off", false, /CopyVirtualDisk.* failed: in use \(FileLocked\)/i],
  ])("whose source's disk is locked says what to do if the source %s", async (_, runs, message) => {
    if (runs) await clones.lab.update(golden, { name: "golden", powerOn: true });
    clones.lab.raw.simulator.faults.add({
      method: "CopyVirtualDisk_Task",
      action: { taskFault: "FileLocked", message: "in use" },
    });
    const before = await clones.lab.raw.contents();
    const error = await failure(clones.create("student", { poweredOnSource: "snapshot" }));
    expect(error.message).toMatch(message);
    expect(isFault(error.cause, "FileLocked")).toBe(runs);
    const { vms, files } = await clones.lab.raw.contents();
    expect({ vms, files }).toEqual({ vms: before.vms, files: before.files });
  });
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

describe("a clone by the API alone", () => {
  const source = () => findCloneSource(clones.lab.host, "golden");
  const options = () => clones.options(new AbortController().signal);
  /** The source with another kind of disk. */
  const onDisk = (from: CloneSource, backing: VirtualDisk["backing"]): CloneSource => ({
    ...from,
    devices: from.devices.map((each) => (each.$type === "VirtualDisk" ? { ...each, backing } : each)),
    disks: from.disks.map((disk) => ({ ...disk, backing })),
  });

  test("builds on a seSparse disk by a disk of that kind, beside the machine's own files", async () => {
    const fileName = "[datastore1] golden/golden.vmdk";
    const parent = create("VirtualDiskSeSparseBackingInfo", { fileName, diskMode: "independent_persistent" });
    const from = onDisk(await source(), parent);
    clones.lab.raw.simulator.faults.add({
      method: "CreateVM_Task",
      action: { taskFault: "SystemError", message: "no" },
    });
    const call = vi.spyOn(clones.lab.host.client, "call");
    await failure(cloneLinkedByApi(clones.lab.host, clones.request(from), options()));
    const [, , asked] = call.mock.calls.find(([, method]) => method === "CreateVM_Task") ?? [];
    const { config } = asked as unknown as { readonly config: VirtualMachineConfigSpec };
    const backing = { ...parent, fileName: "[datastore1]", parent };
    expect(config.deviceChange?.filter(({ device }) => device.$type === "VirtualDisk")).toEqual([
      expect.objectContaining({ fileOperation: "create", device: expect.objectContaining({ backing }) }),
    ]);
    expect(clones.lab.texts("status")).toContain('linking to "golden"');
  });

  test("is refused by the name of a kind of disk that nothing can build on", async () => {
    const fileName = "[datastore1] golden/golden.vmdk";
    const from = onDisk(
      await source(),
      create("VirtualDiskSparseVer2BackingInfo", { fileName, diskMode: "persistent" }),
    );
    const error = await failure(cloneLinkedByApi(clones.lab.host, clones.request(from), options()));
    expect(error.message).toMatch(/of the kind VirtualDiskSparseVer2BackingInfo\. Use mode: "full"/);
    expect(clones.lab.raw.count("CreateVM_Task")).toBe(0);
  });

  test.each([
    ["linked", cloneLinkedByApi],
    ["full", cloneFullByApi],
  ])("says which devices of its source it has not (%s)", async (_, clone) => {
    const fileName = "[datastore1] golden/serial.txt";
    const writing = [1, 2].map((number) =>
      create("VirtualSerialPort", {
        key: 9000 + number,
        yieldOnPoll: true,
        deviceInfo: create("Description", { label: `Serial port ${number}`, summary: "" }),
        backing: create("VirtualSerialPortFileBackingInfo", { fileName }),
      }),
    );
    const from = await source();
    const devices = [...from.devices, ...writing];
    await clone(clones.lab.host, clones.request({ ...from, devices }), options());
    expect(clones.lab.texts("warn")).toEqual([
      "The clone does not have these devices of its source: Serial port 1, Serial port 2.",
    ]);
  });

  test("says that its machine is gone as soon as it was made", async () => {
    const from = await source();
    vi.spyOn(clones.lab.host.vms, "byReference").mockResolvedValue(undefined);
    const error = await failure(cloneFullByApi(clones.lab.host, clones.request(from), options()));
    expect(error.message).toContain("does not have the machine any more that it has just made");
  });
});
