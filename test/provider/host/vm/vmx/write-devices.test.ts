/** What changes of devices are in a machine's .vmx file, and what is to be done with the files of its disks. */
import { describe, expect, test } from "vitest";
import { BLANK_VM } from "../../../../../provider/host/vm/settings/blank-vm.ts";
import { type DiskController, newController } from "../../../../../provider/host/vm/settings/buses.ts";
import { deviceChange } from "../../../../../provider/host/vm/settings/device-changes.ts";
import { writeDevices } from "../../../../../provider/host/vm/vmx/write-devices.ts";
import { changeVmx } from "../../../../../provider/host/vm/vmx/write-vmx.ts";
import { create } from "../../../../../provider/vim/codec/objects.ts";
import { formatVmx, parseVmx } from "../../../../../provider/vmx/vmx.ts";
import type { VirtualDevice, VirtualDeviceConfigSpec } from "../../../../../schema/index.ts";

const SCSI = newController("pvscsi", 0);
const IDE0 = 200;
const [A, B] = ["[ds] vm/a.vmdk", "[ds] vm/b.vmdk"];

interface Is {
  readonly on?: number;
  readonly mb?: number;
  readonly mode?: string;
  readonly backing?: object;
}

/** A disk of 8 MB, whose key ends with the unit that it had first. */
function disk(
  unit: number,
  fileName: string,
  { on = SCSI.key, mb = 8, mode = "persistent", ...is }: Is = {},
  key = 2000 + unit,
) {
  const flat = (file: string, rest: object) =>
    create("VirtualDiskFlatVer2BackingInfo", { fileName: file, diskMode: mode, ...rest });
  const backing = flat(fileName, { ...is.backing });
  return create("VirtualDisk", {
    key,
    controllerKey: on,
    unitNumber: unit,
    capacityInKB: mb * 1024,
    backing,
  });
}

const FILE = `scsi0.present = "TRUE"
scsi0:0.present = "TRUE"
SCSI0:0.fileName = "a.vmdk"
scsi0:0.deviceType = "scsi-hardDisk"
scsi0:0.ctkEnabled = "TRUE"
scsi0:1.present = "TRUE"
scsi0:1.fileName = "b.vmdk"
scsi0:1.deviceType = "scsi-hardDisk"
scsi0:1.mode = "independent-persistent"
scsi0:10.present = "TRUE"
scsi0:10.fileName = "c.vmdk"
serial0.present = "TRUE"
serial1.present = "TRUE"
serial1.fileType = "file"
serial2.present = "FALSE"
serial2.fileType = "old"
`;
const DEVICES = [...BLANK_VM.devices, SCSI, disk(0, A), disk(1, B, { mode: "independent_persistent" })];

/** The lines that changes take out and put in, and the work on files of disks. */
function write(...changes: readonly VirtualDeviceConfigSpec[]) {
  const vmx = parseVmx(Buffer.from(FILE));
  let number = 0;
  const work = writeDevices(
    vmx,
    { vmxPath: "[ds] vm/vm.vmx", devices: DEVICES },
    changes,
    (datastore = "ds") => `[${datastore}] vm/new${++number}.vmdk`,
  );
  const [before, after] = [FILE, Buffer.from(formatVmx(vmx)).toString()].map((text) =>
    text.trim().split("\n"),
  );
  return {
    out: before?.filter((line) => !after?.includes(line)),
    in: after?.filter((line) => !before?.includes(line)),
    work,
  };
}

const add = (device: VirtualDevice, how?: "create") => deviceChange("add", device, how);
const edit = (device: VirtualDevice) => deviceChange("edit", device);
const remove = (device: VirtualDevice, how?: "destroy") => deviceChange("remove", device, how);

describe("a new disk", () => {
  const isNew = (fileName: string, is: Is = {}) => write(add(disk(2, fileName, is, -1), "create"));

  test("is made in the machine's folder, and has its three keys", () => {
    expect(isNew("", { backing: { thinProvisioned: true } })).toEqual({
      out: [],
      in: [
        'scsi0:2.present = "TRUE"',
        'scsi0:2.deviceType = "scsi-hardDisk"',
        'scsi0:2.fileName = "new1.vmdk"',
      ],
      work: [{ kind: "make", file: "[ds] vm/new1.vmdk", sizeMb: 8, format: "thin" }],
    });
  });

  test("on another datastore has its whole path", () => {
    const { in: lines, work } = isNew("[ssd]");
    expect(lines).toContain('scsi0:2.fileName = "/vmfs/volumes/ssd/vm/new1.vmdk"');
    expect(work).toMatchObject([{ file: "[ssd] vm/new1.vmdk" }]);
  });

  test.each([
    ["zeroedthick", {}],
    ["zeroedthick", { thinProvisioned: false, eagerlyScrub: false }],
    ["eagerzeroedthick", { thinProvisioned: false, eagerlyScrub: true }],
  ])("is made as %s: %o", (format, backing) => {
    expect(isNew("", { backing }).work).toMatchObject([{ format }]);
  });

  test("that exists is attached where it is, and nothing is made", () => {
    const { in: lines, work } = write(
      add(disk(2, "[ds] other/x.vmdk", { mode: "independent_nonpersistent" }, -1)),
    );
    expect(lines).toEqual([
      'scsi0:2.present = "TRUE"',
      'scsi0:2.deviceType = "scsi-hardDisk"',
      'scsi0:2.fileName = "/vmfs/volumes/ds/other/x.vmdk"',
      'scsi0:2.mode = "independent-nonpersistent"',
    ]);
    expect(work).toEqual([]);
  });

  test.each<[DiskController, string, string[]]>([
    ["pvscsi", "scsi1:0", ['scsi1.present = "TRUE"', 'scsi1.virtualDev = "pvscsi"']],
    ["lsilogic", "scsi1:0", ['scsi1.present = "TRUE"', 'scsi1.virtualDev = "lsilogic"']],
    ["lsilogic-sas", "scsi1:0", ['scsi1.present = "TRUE"', 'scsi1.virtualDev = "lsisas1068"']],
    ["buslogic", "scsi1:0", ['scsi1.present = "TRUE"', 'scsi1.virtualDev = "buslogic"']],
    ["sata", "sata1:0", ['sata1.present = "TRUE"']],
    ["nvme", "nvme1:0", ['nvme1.present = "TRUE"']],
    ["ide", "ide1:0", []],
  ])("on a new %s controller comes with that", (kind, place, keys) => {
    const controller = newController(kind, 1);
    const type = kind === "ide" ? "ata-hardDisk" : place.startsWith("scsi") ? "scsi-hardDisk" : "disk";
    const on = kind === "ide" ? 201 : controller.key;
    const { in: lines } = write(
      ...(kind === "ide" ? [] : [add(controller)]),
      add(disk(0, "", { on }, -1), "create"),
    );
    expect(lines).toEqual([
      ...keys,
      `${place}.present = "TRUE"`,
      `${place}.deviceType = "${type}"`,
      `${place}.fileName = "new1.vmdk"`,
    ]);
  });

  test("two of them have two files", () => {
    const { work } = write(add(disk(2, "", {}, -1), "create"), add(disk(3, "", {}, -2), "create"));
    expect(work.map(({ file }) => file)).toEqual(["[ds] vm/new1.vmdk", "[ds] vm/new2.vmdk"]);
  });
});

test("a CD drive has its image, and one that leaves takes no file along", () => {
  const cdrom = create("VirtualCdrom", {
    key: -1,
    controllerKey: 201,
    unitNumber: 0,
    backing: create("VirtualCdromIsoBackingInfo", { fileName: "[ds] vm/tools.iso" }),
  });
  const { in: lines, work } = write(add(cdrom));
  expect(lines).toEqual([
    'ide1:0.present = "TRUE"',
    'ide1:0.deviceType = "cdrom-image"',
    'ide1:0.fileName = "tools.iso"',
  ]);
  expect(work).toEqual([]);
  expect(write(add(cdrom), remove({ ...cdrom, key: -1 }))).toEqual({ out: [], in: [], work: [] });
});

test("a controller that stays is not written anew", () => {
  expect(write(edit(SCSI))).toEqual({ out: [], in: [], work: [] });
});

test("an IDE channel that a specification names needs no key", () => {
  expect(write(add(newController("ide", 1)))).toEqual({ out: [], in: [], work: [] });
});

describe("a disk that goes", () => {
  const LINES = FILE.split("\n").filter((line) => line.startsWith("scsi0:1."));

  test("leaves no key, however that is spelled, and its neighbours keep theirs", () => {
    const { out, in: lines, work } = write(remove(disk(0, A), "destroy"));
    expect(out).toEqual(FILE.split("\n").filter((line) => /^scsi0:0\./i.test(line)));
    expect([lines, work]).toEqual([[], [{ kind: "remove", file: A }]]);
  });

  test("keeps its file unless that is to go", () => {
    expect(write(remove(disk(1, B)))).toEqual({ out: LINES, in: [], work: [] });
  });

  test("makes room for another one in the same change", () => {
    const { in: lines, work } = write(remove(disk(1, B), "destroy"), add(disk(1, "", {}, -1), "create"));
    expect(lines).toEqual(['scsi0:1.fileName = "new1.vmdk"']);
    expect(work.map(({ kind, file }) => [kind, file])).toEqual([
      ["remove", B],
      ["make", "[ds] vm/new1.vmdk"],
    ]);
  });
});

describe("a disk that stays", () => {
  test("grows in its file, and otherwise there is no work", () => {
    expect(write(edit(disk(0, A, { mb: 16 })))).toEqual({
      out: [],
      in: [],
      work: [{ kind: "grow", file: A, sizeMb: 16 }],
    });
    expect(write(edit(disk(0, A))).work).toEqual([]);
  });

  test("gets another mode, and the usual one needs no key", () => {
    expect(write(edit(disk(0, A, { mode: "independent_persistent" }))).in).toEqual([
      'scsi0:0.mode = "independent-persistent"',
    ]);
    expect(write(edit(disk(1, B)))).toEqual({
      out: ['scsi0:1.mode = "independent-persistent"'],
      in: [],
      work: [],
    });
  });

  test("takes all its keys to another place, and has the type of the bus there", () => {
    const { out, in: lines } = write(edit(disk(0, A, { on: IDE0 }, 2000)));
    expect(out).toEqual(FILE.split("\n").filter((line) => /^scsi0:0\./i.test(line)));
    expect(lines).toEqual([
      'ide0:0.present = "TRUE"',
      'ide0:0.fileName = "a.vmdk"',
      'ide0:0.deviceType = "ata-hardDisk"',
      'ide0:0.ctkEnabled = "TRUE"',
    ]);
  });

  test("changes places with another one, each with its own keys", () => {
    const { out, in: lines } = write(
      edit(disk(1, A, {}, 2000)),
      edit(disk(0, B, { mode: "independent_persistent" }, 2001)),
    );
    expect(out).toContain('scsi0:0.ctkEnabled = "TRUE"');
    expect(new Set(lines)).toEqual(
      new Set([
        'scsi0:1.fileName = "a.vmdk"',
        'scsi0:1.ctkEnabled = "TRUE"',
        'scsi0:0.fileName = "b.vmdk"',
        'scsi0:0.mode = "independent-persistent"',
      ]),
    );
    expect(out).toContain('scsi0:1.mode = "independent-persistent"');
  });
});

describe("a device on no bus", () => {
  const serial = (key: number) =>
    create("VirtualSerialPort", {
      key,
      yieldOnPoll: true,
      backing: create("VirtualSerialPortFileBackingInfo", { fileName: "[ds] vm/out.txt" }),
    });

  test("takes the first free number, without what an old one has left", () => {
    const { out, in: lines } = write(add(serial(-1)));
    expect(out).toEqual(['serial2.present = "FALSE"', 'serial2.fileType = "old"']);
    expect(lines).toEqual(
      expect.arrayContaining(['serial2.present = "TRUE"', 'serial2.fileName = "out.txt"']),
    );
  });

  test("goes with all its keys, and a floppy drive must be said to be none", () => {
    expect(write(remove(serial(9001)))).toEqual({
      out: ['serial1.present = "TRUE"', 'serial1.fileType = "file"'],
      in: [],
      work: [],
    });
    expect(write(remove(create("VirtualFloppy", { key: 8000 }))).in).toEqual(['floppy0.present = "FALSE"']);
  });

  test("finds no room where there is none", () => {
    const floppies = [-1, -2, -3].map((key) => add(create("VirtualFloppy", { key })));
    expect(write(...floppies.slice(1)).in).toEqual(
      expect.arrayContaining(['floppy0.present = "TRUE"', 'floppy1.present = "TRUE"']),
    );
    expect(() => write(...floppies)).toThrow("There is no room for another floppy.");
  });
});

test("a device for which nothing is known cannot be written", () => {
  expect(() => write(add(create("VirtualTPM", { key: -1 })))).toThrow("VirtualTPM cannot be written");
});

describe("a change of settings", () => {
  const changed = (
    text: string,
    devices: readonly VirtualDevice[],
    wishes: Parameters<typeof changeVmx>[2],
  ) => {
    const vmx = parseVmx(Buffer.from(text));
    const vm = { ...BLANK_VM, name: "vm", vmxPath: "[ds] vm/vm.vmx", devices };
    const work = changeVmx(vmx, vm, wishes, () => "[ds] vm/new.vmdk");
    return { vmx, work };
  };

  test("records the labels of disks, with the place to which one moves because the first of its channel goes", () => {
    const text = 'ide0:0.present = "TRUE"\nide0:0.fileName = "a.vmdk"\n';
    const { vmx, work } = changed(text, [...BLANK_VM.devices, disk(0, A, { on: IDE0 })], {
      disks: [
        { label: "disk0", controller: "sata" },
        { label: "new", size: 1, controller: "ide", busNumber: 1 },
      ],
      annotation: "said",
    });
    expect(vmx.get("sata0:0.fileName")).toBe("a.vmdk");
    expect(vmx.get("ide1:0.fileName")).toBe("new.vmdk");
    expect(JSON.parse(vmx.get("pulumi-esxi-direct.labels") ?? "")).toMatchObject({ new: { slot: "ide1:0" } });
    expect(vmx.get("annotation")).toBe("said");
    expect(work).toMatchObject([{ kind: "make", file: "[ds] vm/new.vmdk" }]);
  });

  test("moves the second drive of an IDE channel that is alone then", () => {
    const text = 'ide0:0.fileName = "a.vmdk"\nide0:1.fileName = "b.vmdk"\n';
    const devices = [...BLANK_VM.devices, disk(0, A, { on: IDE0 }), disk(1, B, { on: IDE0 })];
    const { vmx } = changed(text, devices, { disks: [{ label: "disk0", controller: "sata" }] });
    expect(vmx.get("ide0:0.fileName")).toBe("b.vmdk");
    expect(vmx.keys().filter((key) => key.startsWith("ide0:1"))).toEqual([]);
  });

  test.each([
    [{ bootOrder: ["disk"] }, 'firmware = "efi"\n'],
    [{ bootOrder: ["disk"], firmware: "efi" }, 'firmware = "bios"\n'],
  ] as const)("of the boot order with EFI is refused, and nothing is written: %o", (wishes, text) => {
    const vmx = parseVmx(Buffer.from(text));
    expect(() => changeVmx(vmx, BLANK_VM, { annotation: "x", ...wishes }, () => "")).toThrow(
      "bootOrder cannot be set over SSH for a machine with EFI",
    );
    expect(Buffer.from(formatVmx(vmx)).toString()).toBe(text);
  });

  test.each([
    [{ bootOrder: ["disk"], firmware: "bios" }, 'firmware = "efi"\n'],
    [{ bootOrder: [] }, 'firmware = "efi"\n'],
    [{ annotation: "x" }, 'firmware = "efi"\n'],
  ] as const)("is taken where EFI has nothing to say: %o", (wishes, text) => {
    expect(() => changed(text, DEVICES, wishes)).not.toThrow();
  });
});
