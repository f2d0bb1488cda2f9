/** What is said of a machine that is to be at another place: what it costs, and why it cannot be there. */
import { describe, expect, test } from "vitest";
import { HostError } from "../../../../../provider/host/host-error.ts";
import type { Properties } from "../../../../../provider/resources/frame/lifecycle.ts";
import {
  describeMove,
  isPlace,
  refuseMoveOverSsh,
  refuseReplacement,
} from "../../../../../provider/resources/vm/place/change-of-place.ts";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

test("a machine follows its datastore and folder, and neither its host nor anything else", () => {
  expect(["datastore", "folder", "host", "name"].map(isPlace)).toEqual([true, true, false, false]);
});

describe("a replacement that comes with another place", () => {
  const olds = { name: "vm", datastore: "a", host: "esxi1" };
  const refuse = (
    replaces: readonly string[],
    changed: readonly string[],
    news: Properties,
    more: Properties = {},
  ) => refuseReplacement(replaces, changed, { ...olds, ...more }, news);

  test("is refused, with both places and what else could be done", () => {
    expect(() => refuse(["host"], ["memory", "host", "datastore"], { host: "esxi2" })).toThrow(HostError);
    expect(() => refuse(["host"], ["memory", "host", "datastore"], { host: "esxi2" })).toThrow(
      /^"vm" cannot be moved \(host "esxi1" → "esxi2", datastore "a" → unset\): no machine.*leave `host` and `datastore` as before\.$/,
    );
  });

  test.each<[string, readonly string[], Properties, RegExp]>([
    [
      "the host",
      ["host", "datastore"],
      { mode: "linked" },
      /: no machine is moved from one host to another\. /,
    ],
    [
      "the link",
      ["datastore"],
      { mode: "linked" },
      /: it is a linked clone, whose disks build on those of its/,
    ],
    ["another setting", ["folder"], { mode: "full" }, /: something else of this change replaces it\. /],
  ])("says that it is because of %s", (_, changed, more, reason) => {
    expect(() => refuse(["source"], changed, {}, more)).toThrow(reason);
  });

  test.each<[string, readonly string[], readonly string[], Properties]>([
    ["no replacement", [], ["datastore"], { datastore: "b" }],
    ["at the same place", ["source"], ["source", "memory"], {}],
    ["allowed", ["source"], ["datastore"], { datastore: "b", allowReplace: true }],
    ["perhaps allowed", ["source"], ["datastore"], { datastore: "b", allowReplace: UNKNOWN }],
    ["at a place that is not known yet", ["source"], ["datastore"], { datastore: UNKNOWN }],
  ])("is not refused if it is %s", (_, replaces, changed, news) => {
    expect(() => refuse(replaces, changed, news)).not.toThrow();
  });

  test("is refused also if another setting is not known yet, and if allowReplace is anything but true", () => {
    for (const news of [{ memory: UNKNOWN }, { allowReplace: false }, { allowReplace: "true" }])
      expect(() => refuse(["source"], ["datastore", "memory"], { datastore: "b", ...news })).toThrow(
        HostError,
      );
  });
});

test("a move is described by where the machine goes, and from which datastore", () => {
  const told = (keys: readonly string[], news: Properties) =>
    describeMove(keys, { datastore: "a", folder: "x" }, news);
  expect(told(["memory"], { memory: 1 })).toBeUndefined();
  expect(told(["host"], { host: "b" })).toBeUndefined();
  expect(told(["memory", "datastore"], { datastore: "b" })).toMatch(/^move to datastore "b" from "a"$/);
  expect(told(["folder"], { folder: "y" })).toMatch(/^move to folder "y"$/);
  expect(told(["datastore", "folder"], { datastore: UNKNOWN, folder: "y" })).toMatch(
    /^move to another datastore, folder "y" from "a"$/,
  );
});

test("over SSH a move is refused, unless its place is not known yet", () => {
  const olds = { name: "vm", vmxPath: "[a] vm/vm.vmx" };
  const refuse = (changed: readonly string[], news: Properties) => () =>
    refuseMoveOverSsh(changed, olds, news);
  expect(refuse(["memory", "folder"], { folder: "y" })).toThrow(HostError);
  expect(refuse(["datastore"], { datastore: "b" })).toThrow(
    /^"vm" \(\[a\] vm\/vm\.vmx\) cannot be moved over SSH: .*Nothing was changed\.$/,
  );
  expect(refuse(["datastore", "memory"], { datastore: UNKNOWN })).not.toThrow();
  expect(refuse(["memory"], { memory: 1 })).not.toThrow();
});
