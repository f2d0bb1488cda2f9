import { describe, expect, it } from "vitest";
import { DatastorePathError } from "../../../simulator/datastore/datastore-path-error.ts";
import { formatDatastorePath, parseDatastorePath } from "../../../simulator/datastore/path.ts";

describe("a datastore path", () => {
  it.each([
    ["[datastore1] iso/Core-5.4.iso", "datastore1", "iso/Core-5.4.iso"],
    ["[data store] a b/c", "data store", "a b/c"],
    ["[datastore1]", "datastore1", ""],
    ["[datastore1] ", "datastore1", ""],
    ["[datastore1] /a//b/", "datastore1", "a/b"],
    ["[datastore1] .", "datastore1", ""],
    ["[datastore1] a/./b", "datastore1", "a/b"],
  ])("%j is parsed", (text, datastore, path) => {
    expect(parseDatastorePath(text)).toEqual({ datastore, path });
  });

  it.each(["", "datastore1/a", "[] a", "[ds]a", "[ds]/a", "[ds] ../a", "[ds] a/../b", "[ds] a\nb"])(
    "%j is refused",
    (text) => {
      expect(() => parseDatastorePath(text)).toThrow(DatastorePathError);
    },
  );

  it("is written with one space, the root without", () => {
    expect(formatDatastorePath({ datastore: "d", path: "a/b" })).toBe("[d] a/b");
    expect(formatDatastorePath({ datastore: "d", path: "" })).toBe("[d]");
  });
});

it("reads a datastore's name with brackets in pairs, and a path with any", () => {
  expect(parseDatastorePath("[store [1]] a]b/[c]")).toEqual({ datastore: "store [1]", path: "a]b/[c]" });
});
