import { expect, test } from "vitest";
import { changesWithin } from "../../../../provider/resources/inputs/changes-within.ts";
import { UNKNOWN } from "../../../../provider/resources/inputs/check-inputs.ts";

test.each([
  ["another value", [{ network: "a" }], [{ network: "b" }], "nics[0].network a → b"],
  ["a further item", [{ network: "a" }], [{ network: "a" }, { network: "b" }], "nics[1] added"],
  ["an item that is gone", [{ network: "a" }, { network: "b" }], [{ network: "a" }], "nics[1] removed"],
  ["a further setting of an item", [{ network: "a" }], [{ network: "a", mac: "m" }], "nics[0].mac added"],
  ["a value that is not known yet", [{ iso: "a" }], [{ iso: UNKNOWN }], "nics[0].iso a → not known yet"],
  ["plain items in another order", ["a", "b"], ["b", "a"], "nics[0] a → b, nics[1] b → a"],
])("%s is told with its path", (_what, old, wanted, told) => {
  expect(changesWithin("nics", old, wanted)).toBe(told);
});

test("items with labels are told by them, wherever in the list they are", () => {
  const old = [
    { label: "system", size: 1 },
    { label: "data", size: 1 },
  ];
  expect(changesWithin("disks", old, [{ label: "data", size: 2 }])).toBe(
    'disks["system"] removed, disks["data"].size 1 → 2',
  );
});

test("of very many changes the first are told, and how many more there are", () => {
  const items = Array.from({ length: 9 }, (_, index) => ({ index }));
  expect(changesWithin("list", [], items)).toMatch(/^list\[0\] added, .*list\[5\] added and 3 more$/);
});
