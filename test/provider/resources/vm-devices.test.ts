import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { scratchVm } from "../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { create } from "../../../provider/vim/codec/objects.ts";
import type { VirtualDevice, VirtualDisk } from "../../../schema/index.ts";
import { failure, type Managed } from "./lab.ts";
import { ResourceLab } from "./resource-lab.ts";

const GIB = 1024 ** 3;

let vms: ResourceLab;

beforeEach(async () => {
  const datastores = ["datastore1", "datastore2"].map((name) => ({ name, capacityBytes: 100 * GIB }));
  vms = await ResourceLab.of(scratchVm, "ScratchVm", { datastores });
});

afterEach(async () => {
  await vms.lab.close();
});

const on1 = (settings: object) => ({ datastore: "datastore1", powerOn: false, ...settings });
const running = (settings: object) => ({ datastore: "datastore1", ...settings });
const raw = () => vms.lab.raw.vm("vm");
const typed = (type: RegExp) =>
  (raw().config.hardware.device ?? []).filter(({ $type }) => type.test($type ?? ""));
const rawDisks = () => typed(/^VirtualDisk$/) as VirtualDisk[];
const fileOf = ({ backing }: VirtualDevice) =>
  backing && "fileName" in backing ? String(backing.fileName) : "";
const sizes = () => rawDisks().map(({ capacityInKB }) => capacityInKB / 1024);
const files = async () =>
  (await vms.lab.raw.contents()).files.filter((file) => /\.vmdk$/.test(file) && !/-flat\.vmdk$/.test(file));
const reconfigure = (change: Parameters<typeof create<"VirtualDeviceConfigSpec">>[1]) =>
  vms.lab.raw.simulator.behindBack.reconfigure(raw().moid, {
    deviceChange: [create("VirtualDeviceConfigSpec", change)],
  });
const grown = (disk: VirtualDisk, gb: number) =>
  create("VirtualDisk", { ...disk, capacityInKB: gb * 2 ** 20, capacityInBytes: gb * GIB });
/** Puts an image on the datastore. */
const putIso = (name: string) =>
  writeFile(join(dirname(vms.lab.raw.simulator.diskFile("[datastore1] x.vmdk")), name), "an image");
const powerCycles = () => vms.lab.raw.count("PowerOnVM_Task");

/** Refresh, and the same program again: nothing is different, and nothing is left to do. */
async function settled(vm: Managed, settings: Record<string, unknown>): Promise<Managed> {
  const read = (await vms.read(vm)) as Managed;
  for (const key of ["disks", "cdroms", "floppy", "networkInterfaces", "serialPorts"]) {
    expect(read.outs[key]).toEqual(vm.inputs[key]);
  }
  expect((await vms.diff(read, settings)).changes).toBe(false);
  return read;
}

describe("disks", () => {
  test("are made where they are asked for, read back equal, and go with the machine", async () => {
    const settings = on1({
      disks: [
        { size: 1 },
        {
          label: "data",
          size: 2,
          provisioning: "thick",
          datastore: "datastore2",
          mode: "independent_persistent",
        },
        { label: "fast", size: 0.5, controller: "nvme", busNumber: 1, unitNumber: 3 },
        { label: "old", size: 0.25, controller: "ide" },
        { label: "sata", size: 0.25, controller: "sata", unitNumber: 29 },
        { label: "second", size: 0.25, busNumber: 2, unitNumber: 15 },
      ],
    });
    const vm = await vms.create("vm", settings);
    expect(vms.lab.raw.count("CreateVM_Task")).toBe(1);
    expect(vms.lab.raw.count("ReconfigVM_Task")).toBe(1);
    expect(sizes()).toEqual([256, 1024, 2048, 256, 256, 512]);
    expect((await files()).filter((file) => file.startsWith("[datastore2]"))).toHaveLength(1);
    await vms.delete(await settled(vm, settings));
    expect(await vms.lab.raw.contents()).toMatchObject({ vms: [] });
    expect(await files()).toEqual([]);
  });

  test("grow, come and go while the machine runs, and the others stay", async () => {
    const before = running({
      disks: [
        { label: "a", size: 0.5 },
        { label: "b", size: 0.25 },
        { label: "c", size: 0.125 },
      ],
    });
    const vm = await vms.create("vm", before);
    const [a, , c] = rawDisks().map(fileOf);
    const after = running({
      disks: [
        { label: "a", size: 1 },
        { label: "c", size: 0.125 },
        { label: "d", size: 0.25 },
      ],
    });
    expect((await vms.diff(vm, after)).replaces).toEqual([]);
    expect(vms.lab.texts("info").at(-2)).toBe('delete with their data: disks "b"');
    expect(vms.lab.texts("info").at(-1)).toMatch(/in place.*disks/);
    const updated = await vms.update(vm, after);
    expect(powerCycles()).toBe(1);
    expect(sizes().sort((x, y) => x - y)).toEqual([128, 256, 1024]);
    expect(rawDisks().map(fileOf)).toEqual(expect.arrayContaining([a, c]));
    // The new disk may have the name of the one that went.
    expect(await files()).toHaveLength(3);
    await settled(updated, after);
  });

  test("move and change their mode with one power cycle", async () => {
    const vm = await vms.create("vm", running({ disks: [{ label: "a", size: 0.25 }] }));
    const [file] = rawDisks().map(fileOf);
    const after = running({
      disks: [{ label: "a", size: 0.25, controller: "sata", unitNumber: 2, mode: "independent_persistent" }],
    });
    await vms.diff(vm, after);
    expect(vms.lab.texts("info").at(-1)).toMatch(/one power cycle.*disks/);
    const updated = await vms.update(vm, after);
    expect(powerCycles()).toBe(2);
    expect(rawDisks().map(fileOf)).toEqual([file]);
    expect(rawDisks()[0]).toMatchObject({
      controllerKey: 15000,
      unitNumber: 2,
      backing: { diskMode: "independent_persistent" },
    });
    await settled(updated, after);
  });

  test("that were attached or are to be kept stay when their entry or the machine goes", async () => {
    const kept = await vms.create(
      "vm",
      on1({ disks: [{ label: "shared", size: 0.25, keepOnRemove: true }] }),
    );
    const [shared = ""] = rawDisks().map(fileOf);
    await vms.diff(kept, on1({ disks: [] }));
    expect(vms.lab.texts("info").at(-2)).toBe('detach, files stay: disks "shared"');
    const without = await vms.update(kept, on1({ disks: [] }));
    expect(rawDisks()).toEqual([]);
    expect(await files()).toEqual([shared]);
    const attached = await vms.update(
      without,
      on1({
        disks: [
          { label: "shared", attach: shared.replace("] ", "]/") },
          { label: "own", size: 0.125, datastore: "datastore2" },
        ],
      }),
    );
    expect(attached.outs.disks).toMatchObject([{ attach: shared }, { label: "own" }]);
    expect(rawDisks()).toHaveLength(2);
    await vms.delete(attached);
    expect(await files()).toEqual([shared]);
    expect((await vms.lab.raw.contents()).vms).toEqual([]);
  });

  test("that somebody else changes, takes out or adds are told apart", async () => {
    const settings = on1({
      disks: [
        { label: "a", size: 0.25 },
        { label: "b", size: 0.25 },
      ],
    });
    const vm = await vms.create("vm", settings);
    const [a, b] = rawDisks();
    if (a === undefined || b === undefined) throw new Error("no disks");
    await reconfigure({ operation: "remove", device: a });
    const foreign = create("VirtualDisk", {
      ...a,
      key: -1,
      backing: create("VirtualDiskFlatVer2BackingInfo", { fileName: "", diskMode: "persistent" }),
      capacityInKB: 4096,
      capacityInBytes: 4096 * 1024,
    });
    await reconfigure({ operation: "add", fileOperation: "create", device: foreign });
    await reconfigure({
      operation: "edit",
      device: grown(b, 1),
    });
    const read = (await vms.read(vm)) as Managed;
    expect(read.outs.disks).toEqual([{ label: "b", size: 1 }]);
    const larger = on1({
      disks: [
        { label: "a", size: 0.25 },
        { label: "b", size: 1 },
      ],
    });
    expect((await vms.diff(read, larger)).changes).toBe(true);
    const updated = await vms.update(read, larger);
    expect(sizes().sort((x, y) => x - y)).toEqual([4, 256, 1024]);
    // The stranger's disk is on the place that was `a`, and stays when `a` goes.
    await vms.update(await settled(updated, larger), on1({ disks: [{ label: "b", size: 1 }] }));
    expect(sizes().sort((x, y) => x - y)).toEqual([4, 1024]);
  });

  test("do not shrink, neither at preview nor behind it", async () => {
    const vm = await vms.create("vm", on1({ disks: [{ size: 1 }] }));
    const { failures } = await vms.check("vm", on1({ disks: [{ size: 0.5 }] }), vm.inputs);
    expect(failures).toMatchObject([
      { property: "disks.0.size", reason: /cannot be less than the size of the disk, 1 GB/ },
    ]);
    const [disk] = rawDisks();
    if (disk === undefined) throw new Error("no disk");
    await reconfigure({
      operation: "edit",
      device: grown(disk, 2),
    });
    const { message } = await failure(
      vms.update((await vms.read(vm)) as Managed, on1({ disks: [{ size: 1 }] })),
    );
    expect(message).toMatch(/"disk0" has 2 GB and cannot shrink to 1 GB/);
  });
});

describe("CD drives, floppies, serial ports", () => {
  test("are what the exercise has: a CD-ROM with an ISO, however its path is written", async () => {
    const settings = on1({
      memory: 128,
      disks: [{ size: 1 }],
      cdroms: [{ iso: "[datastore1]/test/Core-5.4.iso" }],
      floppy: { image: "[datastore1] test/boot.flp" },
      serialPorts: [{ file: "[datastore1] serial.txt" }],
    });
    const vm = await vms.create("vm", settings);
    expect(typed(/Cdrom/).map(fileOf)).toEqual(["[datastore1] test/Core-5.4.iso"]);
    expect(typed(/Floppy/).map(fileOf)).toEqual(["[datastore1] test/boot.flp"]);
    expect(typed(/Serial/).map(fileOf)).toEqual(["[datastore1] serial.txt"]);
    await settled(vm, settings);
    const empty = on1({ disks: [{ size: 1 }], cdroms: [], floppy: false, serialPorts: [] });
    const updated = await vms.update(vm, { ...empty, memory: 128 });
    expect(typed(/Cdrom|Floppy|Serial/)).toEqual([]);
    await settled(updated, { ...empty, memory: 128 });
  });

  test("an ISO is swapped while the machine runs; a drive more needs it off", async () => {
    await putIso("a.iso");
    await putIso("b.iso");
    const vm = await vms.create("vm", running({ cdroms: [{ iso: "[datastore1] a.iso" }] }));
    const swapped = await vms.update(vm, running({ cdroms: [{ iso: "[datastore1] b.iso" }] }));
    expect(powerCycles()).toBe(1);
    expect(typed(/Cdrom/).map(fileOf)).toEqual(["[datastore1] b.iso"]);
    const two = running({
      cdroms: [{ iso: "[datastore1] b.iso" }, { hostDevice: true, controller: "sata" }],
    });
    await vms.diff(swapped, two);
    expect(vms.lab.texts("info").at(-1)).toMatch(/one power cycle.*cdroms/);
    const updated = await vms.update(swapped, two);
    expect(powerCycles()).toBe(2);
    await settled(updated, two);
  });

  test("a CD drive that is added comes behind the others, whichever SATA controller has room", async () => {
    const cdrom = { controller: "sata" };
    const disks = [
      { label: "on bus 1", size: 0.25, controller: "sata", busNumber: 1 },
      { label: "beside it", size: 0.25, controller: "sata" },
    ];
    const vm = await vms.create("vm", on1({ disks, cdroms: [cdrom] }));
    const settings = on1({ disks: [], cdroms: [cdrom, { ...cdrom, hostDevice: true }] });
    await settled(await vms.update(vm, settings), settings);
  });
});

test("a drive may have one of the host's own images, in the program and mounted by somebody else", async () => {
  const tools = "[] /vmimages/tools-isoimages/windows.iso";
  const before = running({
    cdroms: [{ iso: "[]/vmimages/tools-isoimages/linux.iso" }],
    floppy: { image: "[] /vmimages/floppies/pvscsi.flp" },
  });
  const vm = await vms.create("vm", before);
  expect(typed(/Cdrom/).map(fileOf)).toEqual(["[] /vmimages/tools-isoimages/linux.iso"]);
  expect(typed(/Cdrom/).map(({ connectable }) => connectable?.connected)).toEqual([true]);
  const read = await settled(vm, before);
  const [drive] = typed(/Cdrom/);
  if (!drive) throw new Error("There is a drive.");
  await reconfigure({
    operation: "edit",
    device: create("VirtualCdrom", {
      ...drive,
      backing: create("VirtualCdromIsoBackingInfo", { fileName: tools }),
    }),
  });
  const seen = (await vms.read(read)) as Managed;
  expect(seen.outs.cdroms).toEqual([{ iso: tools }]);
  expect((await vms.diff(seen, before)).changes).toBe(true);
  const updated = await vms.update(seen, before);
  expect(typed(/Cdrom/).map(fileOf)).toEqual(["[] /vmimages/tools-isoimages/linux.iso"]);
  await vms.delete(updated);
  expect(await vms.lab.raw.contents()).toMatchObject({ vms: [], files: [] });
});

describe("network adapters", () => {
  test.each(["52:54:00:12:34:56", "00:50:56:3F:00:01", "02:00:00:00:00:07"])(
    "may have the address %s, which VMware does not give out itself",
    async (macAddress) => {
      const settings = running({ networkInterfaces: [{ network: "VM Network", macAddress }] });
      const vm = await vms.create("vm", settings);
      expect(vm.outs).toMatchObject({ powerState: "poweredOn", macAddresses: [macAddress.toLowerCase()] });
      expect((await vms.diff((await vms.read(vm)) as Managed, settings)).changes).toBe(false);
    },
  );

  test("are plugged in or not, change their network hot and their MAC address cold", async () => {
    const before = running({
      networkInterfaces: [{ network: "VM Network" }, { network: "lab-net", connected: false }],
    });
    const vm = await vms.create("vm", before);
    await settled(vm, before);
    expect(typed(/Vmxnet3/).map(({ connectable }) => connectable?.startConnected)).toEqual([true, false]);
    const hot = running({
      networkInterfaces: [{ network: "lab-net" }, { network: "lab-net", connected: true }],
    });
    const moved = await vms.update(vm, hot);
    expect(powerCycles()).toBe(1);
    await settled(moved, hot);
    const cold = running({ networkInterfaces: [{ network: "lab-net", macAddress: "00:50:56:01:02:03" }] });
    const updated = await vms.update(moved, cold);
    expect(powerCycles()).toBe(2);
    expect(raw().config.hardware.device).toContainEqual(
      expect.objectContaining({ macAddress: "00:50:56:01:02:03" }),
    );
    await settled(updated, cold);
  });
});
