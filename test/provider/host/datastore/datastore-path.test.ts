import { expect, test } from "vitest";
import {
  datastoreOf,
  formatDatastorePath,
  fromHostPath,
  isFile,
  parseDatastorePath,
} from "../../../../provider/host/datastore/datastore-path.ts";
import { UnreadableError } from "../../../../provider/host/unreadable-error.ts";

test.each([
  ["[ds] a/b.vmx", "ds", "a/b.vmx"],
  ["[ds]/a/b.vmx", "ds", "a/b.vmx"],
  [" [ds]  a/ ", "ds", "a"],
  ["[ds]", "ds", ""],
  ["[store [1] ü] a]b/[c].iso", "store [1] ü", "a]b/[c].iso"],
  ["[odd[ds] a", "odd[ds", "a"],
  ["[ds] \u2028a\u2028b\u2028", "ds", "\u2028a\u2028b\u2028"],
])("%j is a place on %s", (text, datastore, path) => {
  expect(parseDatastorePath(text)).toEqual({ datastore, path });
  expect(parseDatastorePath(formatDatastorePath({ datastore, path }))).toEqual({ datastore, path });
  expect(datastoreOf(text)).toBe(datastore);
});

test("a text without a datastore is no place, whatever its length", () => {
  for (const text of ["", "a/b", "[] /vmfs/a", "[".repeat(50_000), `${"[a".repeat(50_000)} x`]) {
    expect(() => parseDatastorePath(text)).toThrow("is no datastore path");
    expect(datastoreOf(text)).toBe("");
  }
});

test("a path in the host's file system is one on its volume", () => {
  expect(fromHostPath("/vmfs/volumes/5e2c-1/vm\n/vm.vmdk")).toEqual({
    volume: "5e2c-1",
    path: "vm\n/vm.vmdk",
  });
  for (const text of ["/vmfs/volumes/5e2c-1/", "/vmfs/volumes//vm", "vm/vm.vmdk", "x/vmfs/volumes/a/b", ""])
    expect(fromHostPath(text)).toBeUndefined();
});

test("a file on a datastore that the host cannot name is not known to be anywhere, and not gone", () => {
  expect(() => parseDatastorePath("[] /vmfs/volumes/5e2c-1/vm/vm.vmdk")).toThrow(UnreadableError);
  expect(() => parseDatastorePath("[] /vmfs/volumes/5e2c-1/")).not.toThrow(UnreadableError);
});

test.each([
  ["[ds] vm/vm.vmdk", true],
  ["[] /vmfs/volumes/5e2c-1/vm/vm.vmdk", true],
  ["[]/vmfs/volumes/ds/vm/vm.vmdk", true],
  ["[] /vmfs/volumes/5e2c-1/copies/vm/vm.vmdk", false],
  ["[] /vmfs/volumes/vm/vm.vmdk", false],
  ["[other] vm/vm.vmdk", false],
])("what a host calls %s may be [ds] vm/vm.vmdk: %s", (told, may) => {
  expect(isFile(told, "[ds] vm/vm.vmdk")).toBe(may);
  expect(isFile(told, "vm/vm.vmdk")).toBe(false);
});
