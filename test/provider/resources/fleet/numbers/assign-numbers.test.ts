import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  assignNumbers,
  type NumbersAssigned,
  type NumbersWanted,
} from "../../../../../provider/resources/fleet/numbers/assign-numbers.ts";

const NOTHING: NumbersAssigned = { numbers: {}, retired: [] };

const assign = (keys: readonly string[], before = NOTHING, range: Partial<NumbersWanted> = {}, found = {}) =>
  assignNumbers({ keys, from: 100, to: 103, fixed: {}, ...range }, before, found);

describe("numbers", () => {
  test("go to keys in the order that people sort them, whatever order they are given in", () => {
    const { numbers } = assign(["group-10", "group-2", "group-1"]);
    expect(numbers).toEqual({ "group-1": 100, "group-2": 101, "group-10": 102 });
  });

  test("stay where they are when others come and go, and one that is free again is given last", () => {
    const first = assign(["b", "d"]);
    expect(first).toEqual({ numbers: { b: 100, d: 101 }, retired: [] });
    const second = assign(["a", "b", "c"], first);
    expect(second).toEqual({ numbers: { a: 102, b: 100, c: 103 }, retired: [101] });
    expect(assign(["a", "b", "c", "e"], second)).toEqual({
      numbers: { a: 102, b: 100, c: 103, e: 101 },
      retired: [],
    });
  });

  test("of those that are free again the longest unused one is given first", () => {
    const full = assign(["a", "b", "c", "d"]);
    const without = assign(["a", "d"], assign(["a", "b", "d"], full));
    expect(without.retired).toEqual([102, 101]);
    expect(assign(["a", "d", "z"], without)).toMatchObject({ numbers: { z: 102 }, retired: [101] });
  });

  test("are none for keys for which the range has no room", () => {
    expect(Object.keys(assign(["a", "b", "c", "d", "e"]).numbers)).toEqual(["a", "b", "c", "d"]);
  });

  test("that are fixed go to nobody else, and who has one gives it away", () => {
    const before = assign(["a", "b"]);
    expect(assign(["a", "b", "boss"], before, { fixed: { boss: 100, admin: 10 } })).toEqual({
      numbers: { a: 102, b: 101, boss: 100 },
      retired: [],
    });
    expect(assign(["admin"], before, { fixed: { boss: 100, admin: 10 } }).numbers).toEqual({ admin: 10 });
  });

  test("outside of a new range are given anew, all others stay", () => {
    const before = assign(["a", "b", "c"]);
    expect(assign(["a", "b", "c"], before, { from: 101, to: 110 })).toEqual({
      numbers: { a: 103, b: 101, c: 102 },
      retired: [],
    });
  });

  test("that are seen elsewhere are taken over, one by one key only", () => {
    expect(assign(["a", "b", "c"], NOTHING, {}, { c: 100, b: 100, a: 4000 }).numbers).toEqual({
      a: 101,
      b: 100,
      c: 102,
    });
  });

  test("are given to keys with names that every object has", () => {
    expect(assign(["toString", "hasOwnProperty"]).numbers).toEqual({ hasOwnProperty: 100, toString: 101 });
  });
});

const keys = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,2}$/), { maxLength: 30 });

test("whatever comes and goes, nobody's number changes, and no two keys have the same", () => {
  fc.assert(
    fc.property(fc.array(keys, { minLength: 1, maxLength: 12 }), (steps) => {
      const range = { from: 1, to: 40, fixed: { aa: 7, zz: 900 } };
      let last = NOTHING;
      for (const step of steps) {
        const now = assign(step, last, range);
        expect(Object.keys(now.numbers).sort()).toEqual([...step].sort());
        expect(new Set(Object.values(now.numbers)).size).toBe(step.length);
        for (const key of step) {
          const before = last.numbers[key];
          if (before !== undefined) expect(now.numbers[key]).toBe(before);
        }
        for (const number of now.retired) expect(Object.values(now.numbers)).not.toContain(number);
        expect(assign([...step].reverse(), last, range)).toEqual(now);
        expect(assign(step, now, range)).toEqual(now);
        last = now;
      }
    }),
  );
});
