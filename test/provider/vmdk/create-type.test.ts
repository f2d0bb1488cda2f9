import { expect, test } from "vitest";
import { parseDiskHead } from "../../../provider/vmdk/create-type.ts";

const head = (...lines: string[]) =>
  Buffer.from(["# Disk DescriptorFile", "version=1", ...lines, ""].join("\n"));

test.each([
  ["vmfs", "ofHosts"],
  ["vmfsSparse", "ofHosts"],
  ["seSparse", "ofHosts"],
  ["vmfsRawDeviceMap", "ofHosts"],
  ["vmfsPassthroughRawDeviceMap", "rawPhysical"],
  ["fullDevice", "rawPhysical"],
  ["monolithicSparse", "hosted"],
  ["monolithicFlat", "hosted"],
  ["twoGbMaxExtentSparse", "hosted"],
  ["twoGbMaxExtentFlat", "hosted"],
  ["streamOptimized", "hosted"],
])("a disk of the kind %s is %s", (createType, kind) => {
  expect(parseDiskHead(head(`createType="${createType}"`))).toEqual({ kind, createType, parent: undefined });
});

test("a disk of differences names the one that it builds on", () => {
  const bytes = head('createType="seSparse"', 'parentFileNameHint="/vmfs/volumes/a b/base.vmdk"');
  expect(parseDiskHead(bytes)?.parent).toBe("/vmfs/volumes/a b/base.vmdk");
});

test("a disk that holds its descriptor is known by it, and other bytes say nothing", () => {
  const embedded = Buffer.concat([
    Buffer.from("KDMV"),
    Buffer.alloc(508),
    head('createType="monolithicSparse"'),
  ]);
  expect(parseDiskHead(embedded)?.kind).toBe("hosted");
  expect(parseDiskHead(Buffer.alloc(4096, 7))).toBeUndefined();
});
