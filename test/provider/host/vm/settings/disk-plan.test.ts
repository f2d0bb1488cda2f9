/** What is done to a machine's disks for a list of wishes. */
import { describe, expect, test } from "vitest";
import { BLANK_VM } from "../../../../../provider/host/vm/settings/blank-vm.ts";
import { type DiskController, newController } from "../../../../../provider/host/vm/settings/buses.ts";
import { planDisks } from "../../../../../provider/host/vm/settings/disk-plan.ts";
import type { DiskWish } from "../../../../../provider/host/vm/settings/disk-wish.ts";
import { create, isA } from "../../../../../provider/vim/codec/objects.ts";
import type { VirtualDevice, VirtualDiskFlatVer2BackingInfo } from "../../../../../schema/index.ts";

const GB = 1024 * 1024;
const SCSI = newController("pvscsi", 0);
const SATA = newController("sata", 0);
const [IDE0, IDE1] = [200, 201];

interface Is {
  readonly on?: number;
  readonly unit?: number;
  readonly file?: string;
  readonly base?: string;
  readonly backing?: object;
}

/** A disk of one GB, whose key ends with its unit. */
function disk({ on = SCSI.key, unit = 0, file = `[ds] vm/${unit}.vmdk`, base, backing = {} }: Is = {}) {
  const flat = (fileName: string, rest: object) =>
    create("VirtualDiskFlatVer2BackingInfo", { fileName, diskMode: "persistent", ...rest });
  const parent = base === undefined ? {} : { parent: flat(base, {}) };
  return create("VirtualDisk", {
    key: 2000 + unit,
    controllerKey: on,
    unitNumber: unit,
    capacityInKB: GB,
    backing: flat(file, { thinProvisioned: true, ...parent, ...backing }),
  });
}

const machine = (devices: readonly VirtualDevice[], record?: object) => ({
  ...BLANK_VM,
  name: "vm",
  devices: [SCSI, ...devices],
  extraConfig: new Map(record ? [["pulumi-esxi-direct.labels", JSON.stringify(record)]] : []),
});

/** Each change in a line: what is done to which device, on which place, and whether the machine must be off. */
function plan(devices: readonly VirtualDevice[], wishes: readonly DiskWish[], record?: object): string[] {
  return planDisks(machine(devices, record), wishes).changes.map(({ change, cold }) => {
    const { operation, fileOperation, device } = change;
    const { key, controllerKey, unitNumber } = device;
    const size = isA(device, "VirtualDisk") ? [`${Number(device.capacityInKB) / GB} GB`] : [];
    const place = controllerKey === undefined ? [] : [`at ${controllerKey}:${unitNumber}`];
    return [operation, fileOperation ?? "", key, ...place, ...size, ...(cold ? ["off"] : [])]
      .filter((part) => part !== "")
      .join(" ");
  });
}

const made = (unit: number, more: object = {}) => ({ origin: "made", file: `[ds] vm/${unit}.vmdk`, ...more });
const came = (unit: number) => ({ origin: "source", file: `[ds] vm/${unit}.vmdk` });
const backingOf = (wish: DiskWish) => {
  const [change] = planDisks(machine([disk()]), [wish]).changes;
  return change?.change.device.backing as VirtualDiskFlatVer2BackingInfo;
};

describe("a disk that is not listed any more", () => {
  const gone = { disk0: came(0), data: made(1) };
  const removed = (is: Is, entry: object) =>
    plan([disk(), disk({ unit: 1, ...is })], [], { disk0: came(0), data: entry });

  test("goes with its file, and the one that the machine came with stays", () => {
    expect(plan([disk(), disk({ unit: 1 })], [], gone)).toEqual([
      `remove destroy 2001 at ${SCSI.key}:1 1 GB`,
    ]);
    expect(planDisks(machine([disk(), disk({ unit: 1 })], gone), []).labels.has("data")).toBe(false);
  });

  test.each([
    ["it is to be kept", {}, made(1, { keep: true })],
    ["it was attached", {}, { origin: "attached", file: "[ds] vm/1.vmdk" }],
    [
      "its file is not the one that was made",
      { file: "[ds] vm/9.vmdk", backing: { uuid: "u" } },
      made(1, { uuid: "u" }),
    ],
  ])("leaves its file if %s", (_, is, entry) => {
    expect(removed(is, entry)).toEqual([`remove 2001 at ${SCSI.key}:1 1 GB`]);
  });

  test("is one line less in the record if the machine does not have it any more", () => {
    const { changes, labels } = planDisks(machine([disk()], gone), []);
    expect(changes).toEqual([]);
    expect([...labels.keys()]).toEqual(["disk0"]);
  });

  test("leaves a machine that runs, but not an IDE channel or a BusLogic controller", () => {
    const bus = (kind: DiskController) => {
      const controller = newController(kind, 1);
      const change = plan([controller, disk({ on: controller.key, unit: 1 })], [], { data: made(1) });
      return change.map((line) => line.endsWith("off"));
    };
    const kinds = ["pvscsi", "lsilogic", "sata", "nvme", "buslogic", "ide"] as const;
    expect(kinds.flatMap(bus)).toEqual([false, false, false, false, true, true]);
  });

  test("stays with its snapshots, and the error says so", () => {
    expect(() => removed({ base: "[ds] vm/base.vmdk" }, made(1))).toThrow(
      '"vm": the disk "data" has snapshots and cannot be removed.',
    );
  });

  test("makes room for one that comes", () => {
    const wishes = [{ label: "new", size: 2, unitNumber: 1 }];
    expect(plan([disk(), disk({ unit: 1 })], wishes, gone)).toEqual([
      `remove destroy 2001 at ${SCSI.key}:1 1 GB`,
      `add create -2000 at ${SCSI.key}:1 2 GB`,
    ]);
  });
});

describe("a new disk", () => {
  test("is made with its size, and its place is recorded until it has been seen", () => {
    const { labels } = planDisks(machine([disk()]), [{ label: "new", size: 2, keepOnRemove: true }]);
    expect(labels.get("new")).toEqual({ origin: "made", slot: "scsi0:1", provisioning: "thin", keep: true });
    expect(plan([disk()], [{ label: "new", size: 2 }])).toEqual([`add create -2000 at ${SCSI.key}:1 2 GB`]);
  });

  test("that exists is attached as it is", () => {
    const wish = { label: "old", attach: "[ds] old/old.vmdk", size: 1 };
    expect(plan([disk()], [wish])).toEqual([`add -2000 at ${SCSI.key}:1 1 GB`]);
    expect(plan([disk()], [{ label: "old", attach: wish.attach }])).toEqual([
      `add -2000 at ${SCSI.key}:1 0 GB`,
    ]);
    expect(planDisks(machine([disk()]), [wish]).labels.get("old")).toEqual({
      origin: "attached",
      file: wish.attach,
    });
    expect(backingOf(wish)).toEqual(
      create("VirtualDiskFlatVer2BackingInfo", { fileName: wish.attach, diskMode: "persistent" }),
    );
  });

  test.each([
    [{}, "", { thinProvisioned: true }],
    [{ datastore: "ssd" }, "[ssd]", { thinProvisioned: true }],
    [{ provisioning: "thick" }, "", { thinProvisioned: false, eagerlyScrub: false }],
    [{ provisioning: "eagerZeroedThick" }, "", { thinProvisioned: false, eagerlyScrub: true }],
    [{ mode: "independent_persistent" }, "", { thinProvisioned: true, diskMode: "independent_persistent" }],
  ] as const)("is made as the program says: %o", (how, fileName, rest) => {
    expect(backingOf({ label: "new", size: 1, ...how })).toEqual(
      create("VirtualDiskFlatVer2BackingInfo", { fileName, diskMode: "persistent", ...rest }),
    );
  });

  test("says its size in bytes too, and one that is attached says none", () => {
    const device = (wish: object) =>
      planDisks(machine([disk()]), [{ label: "new", ...wish }]).changes[0]?.change.device;
    expect(device({ size: 2 })).toMatchObject({ capacityInBytes: 2 * GB * 1024 });
    expect(device({ size: 2, attach: "[ds] x.vmdk" })).not.toHaveProperty("capacityInBytes");
  });

  test("that has no place is told by its label, and so is one that cannot move", () => {
    const taken = (label: string) =>
      `"vm": the disk "${label}" is to be at scsi0:1, but the machine has another device`;
    const place = { busNumber: 0, unitNumber: 1 };
    const drive = create("VirtualCdrom", { key: 3000, controllerKey: SCSI.key, unitNumber: 1 });
    expect(() => plan([disk(), drive], [{ label: "new", size: 1, ...place }])).toThrow(taken("new"));
    expect(() => plan([disk(), drive], [{ label: "disk0", ...place }])).toThrow(taken("disk0"));
  });

  test("without a size or a file is none", () => {
    expect(() => plan([disk()], [{ label: "new" }])).toThrow(
      '"vm" has no disk "new". To make one, give it a size.',
    );
  });

  test("that names its place gets it, whatever is listed before it", () => {
    const wishes = [
      { label: "any", size: 1 },
      { label: "bus", size: 2, busNumber: 0 },
      { label: "unit", size: 3, unitNumber: 1 },
      { label: "both", size: 4, busNumber: 0, unitNumber: 2 },
    ];
    expect(plan([disk()], wishes)).toEqual([
      `add create -2003 at ${SCSI.key}:2 4 GB`,
      `add create -2002 at ${SCSI.key}:1 3 GB`,
      `add create -2001 at ${SCSI.key}:3 2 GB`,
      `add create -2000 at ${SCSI.key}:4 1 GB`,
    ]);
  });

  test("goes to the kind of controller that its bus has, or else that of the first disk", () => {
    const lsi = newController("lsilogic", 1);
    expect(plan([disk(), lsi], [{ label: "new", size: 1, busNumber: 1 }])).toEqual([
      `add create -2000 at ${lsi.key}:0 1 GB`,
    ]);
    const onSata = [SATA, disk({ on: SATA.key })];
    expect(plan(onSata, [{ label: "new", size: 1 }])).toEqual([`add create -2000 at ${SATA.key}:1 1 GB`]);
    // A SCSI controller with that number is another bus.
    expect(plan(onSata, [{ label: "new", size: 1, busNumber: 0 }])).toEqual([
      `add create -2000 at ${SATA.key}:1 1 GB`,
    ]);
    expect(plan([SATA, newController("sata", 1)], [{ label: "new", size: 1, busNumber: 1 }])).toEqual([
      `add ${newController("pvscsi", 1).key}`,
      `add create -2000 at ${newController("pvscsi", 1).key}:0 1 GB`,
    ]);
  });

  test.each([
    ["scsi", { controller: "pvscsi", busNumber: 1 }, false],
    ["sata", { controller: "sata", busNumber: 0 }, true],
    ["nvme", { controller: "nvme", busNumber: 0 }, true],
  ] as const)("with a new %s controller, which comes before it", (_, place, off) => {
    const { key } = newController(place.controller, place.busNumber);
    expect(plan([disk()], [{ label: "new", size: 1, ...place }])).toEqual([
      `add ${key}`,
      `add create -2000 at ${key}:0 1 GB${off ? " off" : ""}`,
    ]);
  });

  test.each([
    ["ide", IDE0, true],
    ["sata", SATA.key, false],
  ] as const)("on a %s controller that is there", (controller, key, off) => {
    expect(plan([SATA, disk()], [{ label: "new", size: 1, controller }])).toEqual([
      `add create -2000 at ${key}:0 1 GB${off ? " off" : ""}`,
    ]);
  });
});

describe("a disk that is there", () => {
  const of = (wish: Partial<DiskWish>, is: Is = {}, entry: object = came(0)) =>
    plan([SATA, disk(is)], [{ label: "disk0", ...wish }], { disk0: entry });

  test("is left alone if it is as it is to be", () => {
    const wish = { size: 1, controller: "pvscsi", busNumber: 0, unitNumber: 0, mode: "persistent" } as const;
    expect(of({ ...wish, datastore: "ds", provisioning: "thin", attach: "[ds] vm/0.vmdk" })).toEqual([]);
    expect(of({})).toEqual([]);
  });

  test("grows, and only on IDE the machine must be off for that", () => {
    expect(of({ size: 3 })).toEqual([`edit 2000 at ${SCSI.key}:0 3 GB`]);
    expect(of({ size: 3 }, { on: IDE1 })).toEqual([`edit 2000 at ${IDE1}:0 3 GB off`]);
    const [change] = planDisks(machine([disk()]), [{ label: "disk0", size: 3 }]).changes;
    expect(change?.change.device).toMatchObject({ capacityInBytes: 3 * GB * 1024 });
  });

  test("gets another mode while it is off, and keeps its file and size", () => {
    expect(of({ mode: "independent_persistent" })).toEqual([`edit 2000 at ${SCSI.key}:0 1 GB off`]);
    const [change] = planDisks(machine([disk()]), [
      { label: "disk0", mode: "independent_persistent" },
    ]).changes;
    expect(change?.change.device.backing).toMatchObject({
      fileName: "[ds] vm/0.vmdk",
      diskMode: "independent_persistent",
    });
    expect(change?.change.device).not.toHaveProperty("capacityInBytes");
  });

  test.each([
    ["another unit of its bus", { unitNumber: 5 }, `${SCSI.key}:5`],
    ["another controller", { controller: "sata" }, `${SATA.key}:0`],
    [
      "another controller, on the bus with that number",
      { controller: "sata", busNumber: 0 },
      `${SATA.key}:0`,
    ],
  ] as const)("moves to %s while it is off", (_, place, at) => {
    expect(of(place)).toEqual([`edit 2000 at ${at} 1 GB off`]);
  });

  test("moves to another bus, with a new controller", () => {
    const { key } = newController("pvscsi", 2);
    expect(of({ busNumber: 2 })).toEqual([`add ${key}`, `edit 2000 at ${key}:0 1 GB off`]);
  });

  test("stays on its bus when only its unit changes, though the unit is free on one before it", () => {
    const second = newController("pvscsi", 1);
    const devices = [second, disk({ on: second.key })];
    expect(plan(devices, [{ label: "disk0", unitNumber: 5 }])).toEqual([
      `edit 2000 at ${second.key}:5 1 GB off`,
    ]);
  });

  test("moves to the first bus of another kind, whatever the number of its own", () => {
    const second = newController("pvscsi", 1);
    const devices = [second, SATA, disk({ on: second.key })];
    expect(plan(devices, [{ label: "disk0", controller: "sata" }])).toEqual([
      `edit 2000 at ${SATA.key}:0 1 GB off`,
    ]);
  });

  test("changes places with another one", () => {
    const wishes = [
      { label: "disk0", unitNumber: 1 },
      { label: "disk1", unitNumber: 0 },
    ];
    expect(plan([disk(), disk({ unit: 1 })], wishes)).toEqual([
      `edit 2000 at ${SCSI.key}:1 1 GB off`,
      `edit 2001 at ${SCSI.key}:0 1 GB off`,
    ]);
  });

  test("is recorded as to be kept, or not any more, and nothing else of it changes", () => {
    const labels = (keepOnRemove: boolean) =>
      planDisks(machine([disk()], { disk0: made(0, { keep: !keepOnRemove }) }), [
        { label: "disk0", keepOnRemove },
      ]).labels;
    expect(labels(true).get("disk0")).toEqual(made(0, { keep: true }));
    expect(labels(false).get("disk0")).toEqual(made(0));
  });

  test.each([
    ["smaller", { size: 0.5 }, {}, "has 1 GB and cannot shrink to 0.5 GB."],
    [
      "larger, with a snapshot",
      { size: 2 },
      { base: "[ds] b.vmdk" },
      "has 1 GB and cannot grow to 2 GB: it has snapshots",
    ],
    ["smaller, with a snapshot", { size: 0.5 }, { base: "[ds] b.vmdk" }, "cannot shrink"],
    [
      "another file",
      { attach: "[ds] x.vmdk" },
      {},
      "exists ([ds] vm/0.vmdk, thin) and cannot get attach: [ds] x.vmdk.",
    ],
    ["on another datastore", { datastore: "ssd" }, {}, "cannot get datastore: ssd."],
    ["of another kind", { provisioning: "thick" }, {}, "cannot get provisioning: thick."],
  ] as const)("cannot become %s", (_, wish, is, message) => {
    expect(() => of(wish, is)).toThrow(message);
  });

  test.each([
    ["the host has made it as it could", {}, made(0, { provisioning: "thick" })],
    ["a snapshot hides how it was made", { base: "[ds] vm/base.vmdk" }, came(0)],
  ])("is the kind that was asked for if %s", (_, is, entry) => {
    expect(of({ provisioning: "thick" }, is, entry)).toEqual([]);
  });

  test("is the one that is to be attached, below its snapshots too", () => {
    expect(of({ attach: "[ds] vm/base.vmdk" }, { base: "[ds] vm/base.vmdk" })).toEqual([]);
    expect(of({ size: 1 }, { base: "[ds] vm/base.vmdk" })).toEqual([]);
  });
});
