/** What a disk is made of. */
import { expect, test } from "vitest";
import {
  backingsOf,
  chainOf,
  disksAmong,
  folderText,
} from "../../../../../provider/host/vm/reading/disk-chain.ts";
import { create } from "../../../../../provider/vim/codec/objects.ts";
import { diskWith } from "../../file-use/machines.ts";

test("a disk's files are told from the one that is written to down to the last that it builds on", () => {
  const disk = diskWith(["[ds] a/a-1.vmdk", "[ds] a/a.vmdk", "[ds] g/g.vmdk"]);
  expect(chainOf(disk)).toEqual(["[ds] a/a-1.vmdk", "[ds] a/a.vmdk", "[ds] g/g.vmdk"]);
  expect(backingsOf(disk)[0]).toBe(disk.backing);
});

test("a device without a file has none", () => {
  expect(chainOf(create("VirtualDisk", { key: 1, capacityInKB: 1 }))).toEqual([]);
  const physical = create("VirtualCdromAtapiBackingInfo", { deviceName: "cd" });
  expect(chainOf(create("VirtualCdrom", { key: 1, backing: physical }))).toEqual([]);
});

test("disks are told from other devices", () => {
  const disk = diskWith(["[ds] a/a.vmdk"]);
  expect(disksAmong([create("VirtualCdrom", { key: 1 }), disk])).toEqual([disk]);
});

test.each([
  ["[ds] a/b/c.vmdk", "[ds] a/b/"],
  ["c.vmdk", ""],
])("the folder of %s is %j", (file, folder) => {
  expect(folderText(file)).toBe(folder);
});
