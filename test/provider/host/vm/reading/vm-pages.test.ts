import { describe, expect, test } from "vitest";
import { pagesOf } from "../../../../../provider/host/vm/reading/vm-pages.ts";
import { MOST_OBJECTS } from "../../../../../provider/vim/tuning.ts";
import type { ManagedObjectReference } from "../../../../../schema/index.ts";

function vms(count: number): ManagedObjectReference[] {
  return Array.from({ length: count }, (_, index) => ({ type: "VirtualMachine", value: `vm-${index}` }));
}

describe("the pages of a read of all machines", () => {
  test("begin with those that somebody waits for", () => {
    const [first] = pagesOf(vms(600), new Set(["vm-599", "vm-300", "not there"]));
    expect(first?.slice(0, 3).map(({ value }) => value)).toEqual(["vm-300", "vm-599", "vm-0"]);
  });

  test.each([0, 1, 20, 21, 600, 3000])("have each of %i machines once", (count) => {
    const all = vms(count);
    const paged = pagesOf(all, new Set(["vm-7"])).flat();
    expect(new Set(paged)).toEqual(new Set(all));
    expect(paged).toHaveLength(count);
  });

  test("are short at first, four for six hundred, and never of more than a few megabytes", () => {
    expect(pagesOf(vms(600), new Set()).map((page) => page.length)).toEqual([20, 60, 180, 340]);
    expect(Math.max(...pagesOf(vms(5000), new Set()).map((page) => page.length))).toBe(MOST_OBJECTS);
  });
});
