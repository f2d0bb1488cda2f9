/** In what a machine that was copied differs from the original: nothing may, but the places of its disks. */
import { expect, test } from "vitest";
import { differencesOfMoved } from "../../../../provider/host/move/compare.ts";
import type { ObservedVm } from "../../../../provider/host/vm/reading/observed-vm.ts";
import { create } from "../../../../provider/vim/codec/objects.ts";
import type { VirtualDevice, VirtualDisk } from "../../../../schema/index.ts";
import { diskWith, machineWith } from "../file-use/machines.ts";

const PLACES = new Map([["[ds] vm/vm.vmdk", "[big] vm/vm.vmdk"]]);

const disk = (file: string, more: Partial<VirtualDisk> = {}): VirtualDisk => ({
  ...diskWith([file]),
  controllerKey: 1000,
  unitNumber: 0,
  ...more,
});
const withUuid = (file: string, uuid: string) =>
  disk(file, {
    backing: create("VirtualDiskFlatVer2BackingInfo", { fileName: file, diskMode: "persistent", uuid }),
  });
const controller = create("VirtualLsiLogicController", { key: 1000, busNumber: 0, sharedBus: "noSharing" });

const old = (...devices: readonly VirtualDevice[]): ObservedVm =>
  machineWith([controller, disk("[ds] vm/vm.vmdk"), ...devices]);
const moved = (...devices: readonly VirtualDevice[]): ObservedVm => machineWith(devices);
const same = moved(controller, disk("[big] vm/vm.vmdk"));

const differences = (now: ObservedVm, before = old()) => differencesOfMoved(before, now, PLACES);

test("a machine with its disks at their new places differs in nothing, whatever the order of its devices", () => {
  expect(differences(same)).toEqual([]);
  expect(differences(moved(disk("[big] vm/vm.vmdk"), controller))).toEqual([]);
});

test.each([
  [{ uuid: "other" }, "uuid"],
  [{ instanceUuid: "other" }, "instanceUuid"],
  [{ numCpus: 99 }, "numCpus"],
  [{ numCoresPerSocket: 99 }, "numCoresPerSocket"],
  [{ memory: 99 }, "memory"],
  [{ annotation: "other" }, "annotation"],
  [{ macAddresses: ["00:50:56:00:00:01"] }, "macAddresses"],
] as const)("another %o is told", (more, what) => {
  expect(differences({ ...same, ...more })).toEqual([what]);
});

test("another guest system is told", () => {
  const other = { ...same, config: { ...same.config, guestId: "otherGuest" as const } };
  expect(differences(other)).toEqual(["guestId"]);
});

test("a device that is missing, is of another kind, or has another key is told", () => {
  const drive = create("VirtualCdrom", { key: 3000 });
  expect(differences(same, old(drive))).toEqual(["devices"]);
  const floppy = create("VirtualFloppy", { key: 3000 });
  expect(differences(moved(controller, disk("[big] vm/vm.vmdk"), floppy), old(drive))).toEqual(["devices"]);
  expect(
    differences(moved(controller, disk("[big] vm/vm.vmdk"), { ...drive, key: 3001 }), old(drive)),
  ).toEqual(["devices"]);
});

test("a disk at a place that is not its new one is told, and one that was to stay and did", () => {
  expect(differences(moved(controller, disk("[ds] vm/vm.vmdk")))).toEqual(["disks"]);
  const far = disk("[far] data/data.vmdk", { key: 2001, unitNumber: 1 });
  expect(differences(moved(controller, disk("[big] vm/vm.vmdk"), far), old(far))).toEqual([]);
  const elsewhere = disk("[big] vm/data.vmdk", { key: 2001, unitNumber: 1 });
  expect(differences(moved(controller, disk("[big] vm/vm.vmdk"), elsewhere), old(far))).toEqual(["disks"]);
});

test.each([
  ["controller", { controllerKey: 1001 }],
  ["unit", { unitNumber: 1 }],
  ["size", { capacityInKB: 2048 }],
])("a disk with another %s is told", (_, more) => {
  expect(differences(moved(controller, disk("[big] vm/vm.vmdk", more)))).toEqual(["disks"]);
});

test("a disk with another key is another device too", () => {
  expect(differences(moved(controller, disk("[big] vm/vm.vmdk", { key: 2009 })))).toEqual([
    "devices",
    "disks",
  ]);
});

test("a disk with another identity is told", () => {
  const before = machineWith([withUuid("[ds] vm/vm.vmdk", "one")]);
  expect(differences(moved(withUuid("[big] vm/vm.vmdk", "one")), before)).toEqual([]);
  expect(differences(moved(withUuid("[big] vm/vm.vmdk", "two")), before)).toEqual(["disks"]);
});

test("a disk that builds on another one is told", () => {
  const chained = { ...disk("[big] vm/vm.vmdk"), ...diskWith(["[big] vm/vm.vmdk", "[big] base.vmdk"]) };
  expect(differences(moved(controller, { ...chained, controllerKey: 1000, unitNumber: 0 }))).toEqual([
    "disks",
  ]);
});
