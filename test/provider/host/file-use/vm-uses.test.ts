/** What one machine needs of the files of a host, by what the host tells of it. */
import { describe, expect, test } from "vitest";
import { parseDatastorePath } from "../../../../provider/host/datastore/datastore-path.ts";
import {
  type BasesOfUnreadable,
  homeOf,
  type Layout,
  usesOfVm,
} from "../../../../provider/host/file-use/vm-uses.ts";
import type { UnreadableVm } from "../../../../provider/host/vm/reading/unreadable-vm.ts";
import { create } from "../../../../provider/vim/codec/objects.ts";
import type { VirtualDisk } from "../../../../schema/index.ts";
import { diskWith, machineWith } from "./machines.ts";

const NOTHING: Layout = { files: [], snapshotDevices: [] };
const at = parseDatastorePath;

const cdWith = (fileName: string) =>
  create("VirtualCdrom", { key: 3000, backing: create("VirtualCdromIsoBackingInfo", { fileName }) });

describe("a machine that the host can read", () => {
  const uses = (devices: readonly VirtualDisk[], layout: Layout | undefined = NOTHING) =>
    usesOfVm({ ...machineWith(devices), powerState: "poweredOff" }, layout);
  const kinds = (of: ReturnType<typeof usesOfVm>) =>
    Object.fromEntries([...of.files].map(([file, found]) => [file, found.map((use) => use.as)]));

  test("needs its .vmx, the files of its devices, and those that these build on", () => {
    const devices = [diskWith(["[ds] vm/vm.vmdk", "[ds]  golden//golden.vmdk"]), cdWith("[ds] iso/a.iso")];
    expect(kinds(uses(devices as VirtualDisk[]))).toEqual({
      "[ds] vm/vm.vmx": ["own"],
      "[ds] vm/vm.vmdk": ["device"],
      "[ds] golden/golden.vmdk": ["base"],
      "[ds] iso/a.iso": ["device"],
    });
  });

  test("needs nothing for an empty drive, and a disk no file that is not told", () => {
    const none = create("VirtualFloppy", { key: 1 });
    expect(kinds(uses([cdWith(""), none] as unknown as VirtualDisk[]))).toEqual({
      "[ds] vm/vm.vmx": ["own"],
    });
  });

  test("needs what its snapshots had, once for each way, and which disks these were", () => {
    const frozen = diskWith(["[ds] vm/vm.vmdk", "[ds] golden/golden.vmdk"]);
    const snapshotDevices = [frozen, cdWith("[ds] iso/a.iso")];
    const found = uses([diskWith(["[ds] vm/vm-1.vmdk", "[ds] vm/vm.vmdk", "[ds] golden/golden.vmdk"])], {
      files: ["[ds] vm/vm.vmsn", "[ds] vm/vm.vmdk"],
      snapshotDevices: [...snapshotDevices, frozen],
    });
    expect(kinds(found)).toEqual({
      "[ds] vm/vm.vmx": ["own"],
      "[ds] vm/vm-1.vmdk": ["device"],
      "[ds] vm/vm.vmdk": ["base", "snapshot"],
      "[ds] golden/golden.vmdk": ["base", "snapshot"],
      "[ds] iso/a.iso": ["snapshot"],
      "[ds] vm/vm.vmsn": ["snapshot"],
    });
    const chain = ["[ds] vm/vm.vmdk", "[ds] golden/golden.vmdk"];
    expect(found.frozen).toEqual([chain, chain]);
  });

  test("without snapshots has what else the host counts as its own", () => {
    expect(kinds(uses([], { files: ["[ds] vm/vm.nvram"], snapshotDevices: [] }))).toEqual({
      "[ds] vm/vm.vmx": ["own"],
      "[ds] vm/vm.nvram": ["own"],
    });
    expect(kinds(uses([], undefined))).toEqual({ "[ds] vm/vm.vmx": ["own"] });
  });

  test("needs nothing that nobody knows of", () => {
    const found = uses([]);
    expect(found.mayLieIn(at("[ds] vm"), true)).toBe(false);
    expect(found.buildsOn(at("[ds] vm/vm.vmdk"), false)).toBeUndefined();
    expect(found.frozen).toEqual([]);
  });

  test.each(["poweredOff", "poweredOn", "suspended"] as const)("is told as %s", (powerState) => {
    const { use, files } = usesOfVm({ ...machineWith([]), powerState }, NOTHING);
    const isOff = powerState === "poweredOff";
    expect(use).toEqual({ moid: "1", name: "vm", isOff });
    expect(files.get("[ds] vm/vm.vmx")).toEqual([{ moid: "1", name: "vm", isOff, as: "own" }]);
  });
});

describe("a machine that the host cannot read", () => {
  const DIM: UnreadableVm = {
    moid: "2",
    name: "dim",
    connectionState: "invalid",
    vmxPath: "[ds] dim/dim.vmx",
    instanceUuid: undefined,
    files: undefined,
  };
  const uses = (more: Partial<UnreadableVm> = {}, bases?: BasesOfUnreadable) =>
    usesOfVm({ ...DIM, ...more }, undefined, bases);

  test("needs the files that the host still tells, and is never said to be off", () => {
    const { files, use, frozen } = uses({ files: ["[ds] dim/dim.vmdk"] });
    expect(use).toEqual({ moid: "2", name: "dim", isOff: false });
    expect([...files]).toEqual([["[ds] dim/dim.vmdk", [{ ...use, as: "own" }]]]);
    expect(frozen).toEqual([]);
    expect([...uses().files]).toEqual([]);
  });

  test.each([
    ["[ds] dim/a.vmdk", false, true],
    ["[ds] dim", false, true],
    ["[ds] dim2/a.vmdk", false, false],
    ["[other] dim/a.vmdk", false, false],
    ["[ds]", false, false],
    ["[ds]", true, true],
    ["[ds] dim/deep", true, true],
    ["[other]", true, false],
  ])("may have %s, or what is in it (%s): %s", (place, orHold, expected) => {
    expect(uses().mayLieIn(at(place), orHold)).toBe(expected);
  });

  test("may have files in its folder on any datastore if the host tells but the number of its own", () => {
    const numbered = uses({ vmxPath: "[] /vmfs/volumes/1234-5678/dim/dim.vmx" });
    expect(numbered.mayLieIn(at("[a] dim/x"), false)).toBe(true);
    expect(numbered.mayLieIn(at("[b] dim/x"), false)).toBe(true);
    expect(numbered.mayLieIn(at("[b] other/x"), false)).toBe(false);
    for (const vmxPath of [undefined, "nonsense"])
      expect(uses({ vmxPath }).mayLieIn(at("[ds] dim/x"), true)).toBe(false);
  });

  const BASES: BasesOfUnreadable = {
    files: [
      { datastore: "ds", path: "golden/golden.vmdk" },
      { datastore: undefined, path: "any/any.vmdk" },
    ],
    elsewhere: ["[ssd] dim//dim.vmdk"],
    unseen: ["dark"],
  };

  test("needs its disks on other datastores", () => {
    const { files, use } = uses({ files: ["[ds] dim/dim.vmdk"] }, BASES);
    expect([...files]).toEqual([
      ["[ds] dim/dim.vmdk", [{ ...use, as: "own" }]],
      ["[ssd] dim/dim.vmdk", [{ ...use, as: "own" }]],
    ]);
  });

  test.each([
    ["[ds] golden/golden.vmdk", false, "seen"],
    ["[ds] golden", true, "seen"],
    ["[ds] golden", false, undefined],
    ["[ds] golden/other.vmdk", false, undefined],
    ["[other] golden/golden.vmdk", false, undefined],
    ["[other] any/any.vmdk", false, "seen"],
    ["[dark] x/x.vmdk", false, "unseen"],
    ["[dark] x/x.iso", false, undefined],
    ["[dark] x", true, "unseen"],
  ] as const)("builds on %s (a folder: %s): %s", (place, isFolder, expected) => {
    expect(uses({}, BASES).buildsOn(at(place), isFolder)).toBe(expected);
  });

  test("of which nothing was looked at builds on nothing", () => {
    expect(uses().buildsOn(at("[dark] x/x.vmdk"), false)).toBeUndefined();
  });
});

test.each([
  ["[ds] a/b.vmx", { datastore: "ds", path: "a" }],
  ["[ds] b.vmx", { datastore: "ds", path: "" }],
  ["[] /vmfs/volumes/1234/a/b.vmx", { datastore: undefined, path: "a" }],
  ["[]/vmfs/volumes/1234/b.vmx", { datastore: undefined, path: "" }],
  ["x[] /vmfs/volumes/1234/a/b.vmx", undefined],
  ["/vmfs/volumes/1234/a/b.vmx", undefined],
  ["nonsense", undefined],
])("the folder of %s is %j", (vmxPath, expected) => {
  expect(homeOf(vmxPath)).toEqual(expected);
});
