import { expect, test } from "vitest";
import { foreignDisks } from "../../../../provider/host/file-use/foreign-disks.ts";
import { create } from "../../../../provider/vim/codec/objects.ts";

const flat = (fileName: string, parent?: string) =>
  create("VirtualDiskFlatVer2BackingInfo", {
    fileName,
    diskMode: "persistent",
    ...(parent !== undefined && {
      parent: create("VirtualDiskFlatVer2BackingInfo", { fileName: parent, diskMode: "persistent" }),
    }),
  });

/** Keys of the disks that deleting a VM in `[ds] vm/` must leave, among one disk with that backing and a CD-ROM. */
const foreign = (backing: ReturnType<typeof flat>) =>
  foreignDisks({
    vmxPath: "[ds] vm/vm.vmx",
    extraConfig: new Map(),
    devices: [
      create("VirtualDisk", { key: 2000, capacityInKB: 1024, backing }),
      create("VirtualCdrom", {
        key: 3000,
        backing: create("VirtualCdromIsoBackingInfo", { fileName: "[ds] iso/Core-5.4.iso" }),
      }),
    ],
  }).map(({ key }) => key);

test("disks in the VM's own folder are its own, with their snapshots", () => {
  expect(foreign(flat("[ds] vm/vm.vmdk"))).toEqual([]);
  expect(foreign(flat("[ds] vm/vm-000001.vmdk", "[ds] vm/vm.vmdk"))).toEqual([]);
});

test.each([
  ["another folder", flat("[ds] data/shared.vmdk")],
  ["another datastore", flat("[other] vm/vm.vmdk")],
  ["a folder whose name begins alike", flat("[ds] vm2/vm.vmdk")],
  ["its own folder, built on one elsewhere", flat("[ds] vm/vm.vmdk", "[ds] golden/golden.vmdk")],
])("a disk in %s is not", (_, backing) => {
  expect(foreign(backing)).toEqual([2000]);
});

test("of a VM that lies in a datastore's root no disk is its own for sure", () => {
  const disk = create("VirtualDisk", { key: 2000, capacityInKB: 1, backing: flat("[ds] vm.vmdk") });
  expect(foreignDisks({ vmxPath: "[ds] vm.vmx", devices: [disk], extraConfig: new Map() })).toHaveLength(1);
});

test("a disk that was given to the VM is not its own, wherever it is, and one that was made for it is", () => {
  const disks = [
    "[ds] vm/given.vmdk",
    "[ds] vm/kept.vmdk",
    "[other] vm/made.vmdk",
    "[other] vm/stranger.vmdk",
  ];
  const labels = {
    given: { origin: "attached", file: disks[0] },
    kept: { origin: "made", file: disks[1], keep: true },
    made: { origin: "made", file: disks[2] },
  };
  const found = foreignDisks({
    vmxPath: "[ds] vm/vm.vmx",
    extraConfig: new Map([["pulumi-esxi-direct.labels", JSON.stringify(labels)]]),
    devices: disks.map((file, index) =>
      create("VirtualDisk", { key: 2000 + index, capacityInKB: 1024, backing: flat(file) }),
    ),
  });
  expect(found.map(({ key }) => key)).toEqual([2000, 2001, 2003]);
});
