/** Which of the disks that a machine's record lists may be deleted: anybody can write anything there. */
import { expect, test } from "vitest";
import { RECORD_KEY, recordedDisks, writtenRecord } from "../../../../provider/host/file-use/vmx-record.ts";
import type { ObservedVm } from "../../../../provider/host/vm/reading/observed-vm.ts";
import { create } from "../../../../provider/vim/codec/objects.ts";

const flat = (fileName: string, parent?: string) =>
  create("VirtualDiskFlatVer2BackingInfo", {
    fileName,
    diskMode: "persistent",
    ...(parent !== undefined && { parent: flatOf(parent) }),
  });
const flatOf = (fileName: string) =>
  create("VirtualDiskFlatVer2BackingInfo", { fileName, diskMode: "persistent" });

/** The listed disks of a machine that has these disks. */
function listed(
  lines: readonly string[] | undefined,
  vmxPath = "[ds] lab/vm/vm.vmx",
  ...backings: readonly ReturnType<typeof flat>[]
): string[] {
  const devices = backings.map((backing, unitNumber) =>
    create("VirtualDisk", {
      key: 2000 + unitNumber,
      controllerKey: 1000,
      unitNumber,
      capacityInKB: 1024,
      backing,
    }),
  );
  const extraConfig = new Map(lines && [[RECORD_KEY, writtenRecord(lines)]]);
  return recordedDisks({ vmxPath, devices, extraConfig } as unknown as ObservedVm);
}

test("the record has the name that every release has given it, and a line for each disk", () => {
  expect(RECORD_KEY).toBe("pulumi-esxi-direct.disks");
  expect(writtenRecord(["[ds] vm/vm.vmdk", "[ds] vm/vm_1.vmdk"])).toBe("[ds] vm/vm.vmdk\n[ds] vm/vm_1.vmdk");
});

test("a machine without a record has none, nor has one whose record is empty", () => {
  expect(listed(undefined)).toEqual([]);
  expect(listed([])).toEqual([]);
  expect(listed(["", ""])).toEqual([]);
});

test("disks in the machine's own folder are believed, by their paths, or their names as earlier releases wrote them", () => {
  expect(listed(["[ds] lab/vm/vm_1.vmdk", "other.vmdk"])).toEqual([
    "[ds] lab/vm/vm_1.vmdk",
    "[ds] lab/vm/other.vmdk",
  ]);
  expect(listed(["[store [1]] vm/vm_1.vmdk"], "[store [1]] vm/vm.vmx")).toEqual(["[store [1]] vm/vm_1.vmdk"]);
});

test("each is told once, however it is written", () => {
  expect(listed(["vm_1.vmdk", "[ds] lab/vm/vm_1.vmdk", "[ds]  lab/vm/vm_1.vmdk"])).toEqual([
    "[ds] lab/vm/vm_1.vmdk",
  ]);
});

test("disks that the machine has stay, and what those build on", () => {
  const lines = ["[ds] lab/vm/vm.vmdk", "[ds] lab/vm/vm-000001.vmdk", "[ds] lab/vm/vm_1.vmdk"];
  const disk = flat("[ds] lab/vm/vm-000001.vmdk", "[ds] lab/vm/vm.vmdk");
  expect(listed(lines, undefined, disk)).toEqual(["[ds] lab/vm/vm_1.vmdk"]);
});

test.each([
  ["no disk", "[ds] lab/vm/vm.vmx"],
  ["a disk's name with something behind it", "[ds] lab/vm/vm.vmdk.txt"],
  ["a disk in a folder below", "[ds] lab/vm/below/vm.vmdk"],
  ["a disk in the folder above", "[ds] lab/vm.vmdk"],
  ["a disk in another's folder", "[ds] lab/golden/golden.vmdk"],
  ["a disk that is reached by steps upwards", "[ds] lab/vm/../golden/golden.vmdk"],
  ["a name with steps upwards", "../golden/golden.vmdk"],
  ["a name in a folder below", "below/vm.vmdk"],
  ["a disk at the top of the datastore", "[ds] vm.vmdk"],
])("%s is not the machine's: %s", (_, line) => {
  expect(listed([line])).toEqual([]);
});

test("on another datastore those with the machine's name are believed, in the folder of the same path", () => {
  const own = ["vm", "vm_1", "vm_12", "vm_123"].map((name) => `[ssd] lab/vm/${name}.vmdk`);
  expect(listed(own)).toEqual(own);
});

test.each([
  ["another name", "[ssd] lab/vm/golden.vmdk"],
  ["a name that begins alike", "[ssd] lab/vm/vm2.vmdk"],
  ["a name with no number", "[ssd] lab/vm/vm_x.vmdk"],
  ["a number with something behind it", "[ssd] lab/vm/vm_1-000001.vmdk"],
  ["a number with something before it", "[ssd] lab/vm/vm_a_1.vmdk"],
  ["a longer number", "[ssd] lab/vm/vm_1234.vmdk"],
  ["a name that ends alike", "[ssd] lab/vm/my-vm_1.vmdk"],
  ["a folder of that name elsewhere", "[ssd] vm/vm.vmdk"],
  ["a folder below", "[ssd] lab/vm/vm/vm.vmdk"],
  ["no folder", "[ssd] vm.vmdk"],
])("there, %s is another's: %s", (_, line) => {
  expect(listed([line])).toEqual([]);
});

test("a machine at the top of a datastore has none that its record could name", () => {
  for (const line of ["vm_1.vmdk", "[ds] vm_1.vmdk", "[ssd] vm.vmdk", "[ssd] vm_1.vmdk"])
    expect(listed([line], "[ds] vm.vmx")).toEqual([]);
});

test("disks of snapshots elsewhere are believed as those that they build on", () => {
  const [disk, snapshot] = ["[ssd] lab/vm/vm_1.vmdk", "[ssd] lab/vm/vm_1-000012.vmdk"];
  const strangers = [
    "[ssd] lab/vm/other-000001.vmdk",
    "[ssd] other/vm-000001.vmdk",
    "[ssd] lab/vm/vm-00001.vmdk",
  ];
  expect(listed([disk, snapshot, ...strangers])).toEqual([disk, snapshot]);
});
