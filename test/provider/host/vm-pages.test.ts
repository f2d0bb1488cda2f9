import { describe, expect, test } from "vitest";
import { MOST_VMS_A_PAGE, pagesOf, type VmEntry } from "../../../provider/host/vm-pages.ts";

function entries(count: number): VmEntry[] {
  return Array.from({ length: count }, (_, index) => ({
    ref: { type: "VirtualMachine", value: `vm-${index}` },
    encodedName: `vm ${index}`,
    instanceUuid: `uuid-${index}`,
  }));
}

describe("the pages of a read of all machines", () => {
  test("begin with those that somebody waits for", () => {
    const [first] = pagesOf(entries(600), new Set(["uuid-599", "uuid-300", "not there"]));
    expect(first?.slice(0, 3).map(({ instanceUuid }) => instanceUuid)).toEqual([
      "uuid-300",
      "uuid-599",
      "uuid-0",
    ]);
  });

  test.each([0, 1, 20, 21, 600, 3000])("have each of %i machines once", (count) => {
    const all = entries(count);
    const paged = pagesOf(all, new Set(["uuid-7"])).flat();
    expect(new Set(paged)).toEqual(new Set(all));
    expect(paged).toHaveLength(count);
  });

  test("are short at first, four for six hundred, and never of more than a few megabytes", () => {
    expect(pagesOf(entries(600), new Set()).map((page) => page.length)).toEqual([20, 60, 180, 340]);
    expect(Math.max(...pagesOf(entries(5000), new Set()).map((page) => page.length))).toBe(MOST_VMS_A_PAGE);
  });

  test("have those without an identity too", () => {
    const nameless: VmEntry = { ...entries(1)[0], instanceUuid: undefined } as VmEntry;
    expect(pagesOf([nameless], new Set(["uuid-0"]))).toEqual([[nameless]]);
  });
});
