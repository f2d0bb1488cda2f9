import { describe, expect, test } from "vitest";
import { startNumbers, startSequence } from "../../../../provider/host/vm/start-sequence.ts";

const wishes = (places: Readonly<Record<string, number>>) => new Map(Object.entries(places));

describe("the order in which machines are to start", () => {
  test.each([
    ["nobody asks for a place", ["x", "y"], {}, ["x", "y"]],
    ["all stand right", ["a", "b"], { a: 1, b: 2 }, ["a", "b"]],
    ["all stand wrong", ["b", "a"], { a: 1, b: 2 }, ["a", "b"]],
    ["a place is beyond the last", ["a"], { a: 1, b: 40 }, ["a", "b"]],
    ["two ask for one place", ["b", "a"], { a: 1, b: 1 }, ["b", "a"]],
    ["one asks for a stranger's place", ["x", "y"], { a: 2 }, ["x", "a", "y"]],
    ["strangers stand between", ["a", "x", "b"], { a: 1, b: 2 }, ["a", "b", "x"]],
  ])("when %s", (_what, now, places, sequence) => {
    expect(startSequence(now, wishes(places))).toEqual(sequence);
    expect(startSequence(sequence, wishes(places))).toEqual(sequence);
  });
});

describe("the numbers that lead to an order", () => {
  const given = (sequence: readonly string[], now: Readonly<Record<string, number>>, named: string[] = []) =>
    startNumbers(sequence, new Map(Object.entries(now)), new Set(named));

  test("are none where all have theirs", () => {
    expect(given(["a", "b"], { a: 1, b: 2 })).toEqual([]);
    expect(given(["a", "b"], { a: 1, b: 2 }, ["b"])).toEqual([["b", 2]]);
  });

  test("leave it to the host to move up who is in the way", () => {
    expect(given(["n", "a", "b"], { a: 1, b: 2 })).toEqual([["n", 1]]);
  });

  test("close gaps, so that none is above that of the machines", () => {
    expect(given(["a", "b", "n"], { a: 2, b: 7 })).toEqual([
      ["a", 1],
      ["b", 2],
      ["n", 3],
    ]);
  });
});
