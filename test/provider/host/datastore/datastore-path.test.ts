import { expect, test } from "vitest";
import {
  datastoreOf,
  formatDatastorePath,
  parseDatastorePath,
} from "../../../../provider/host/datastore/datastore-path.ts";

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
