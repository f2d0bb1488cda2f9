import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  assignPlaces,
  type MachineToPlace,
  type PlaceState,
} from "../../../../../provider/resources/fleet/placement/assign-places.ts";

const machine = (key: string, rest: Partial<MachineToPlace> = {}): MachineToPlace => ({
  key,
  memoryMb: 1024,
  spaceBytes: 0,
  pinned: undefined,
  last: undefined,
  exists: false,
  excluded: new Set(),
  ...rest,
});

const place = (id: string, rest: Partial<PlaceState> = {}): PlaceState => ({
  id,
  mode: "open",
  weight: 1,
  maxMachines: 1000,
  maxMemoryMb: 1e9,
  memory: undefined,
  space: undefined,
  ...rest,
});

const memoryOf = (id: string, capacity: number, used = 0) => ({ memory: { id, capacity, used } });

const placed = (
  machines: readonly MachineToPlace[],
  places: readonly PlaceState[],
  by: "memory" | "count" = "count",
) => {
  const { placeOf, homeless } = assignPlaces(machines, places, by);
  return { ...Object.fromEntries(placeOf), homeless: homeless.map(({ key }) => key) };
};

describe("a machine", () => {
  test("goes where the smallest part of the memory is given away", () => {
    const places = [place("small", memoryOf("small", 4096)), place("big", memoryOf("big", 16_384, 8192))];
    expect(placed([machine("a"), machine("b"), machine("c")], places, "memory")).toEqual({
      a: "small",
      b: "small",
      c: "big",
      homeless: [],
    });
  });

  test("keeps its place, even if that is full or takes no more", () => {
    const places = [place("a", { mode: "closed", maxMachines: 0 }), place("b")];
    expect(placed([machine("x", { last: "a" }), machine("y")], places)).toEqual({
      x: "a",
      y: "b",
      homeless: [],
    });
  });

  test("leaves a place that is evacuated or not in the list any more", () => {
    const places = [place("a", { mode: "evacuate" }), place("b")];
    expect(placed([machine("x", { last: "a" }), machine("y", { last: "gone" })], places)).toEqual({
      x: "b",
      y: "b",
      homeless: [],
    });
  });

  test("goes where the program pins it, to a closed place too, but not beyond a limit", () => {
    const places = [place("a", { mode: "closed", maxMachines: 1 }), place("b")];
    expect(placed([machine("x", { pinned: "a", last: "b" }), machine("y", { pinned: "a" })], places)).toEqual(
      {
        x: "a",
        homeless: ["y"],
      },
    );
  });

  test("that is pinned stays without a place, if that is evacuated or somebody else has one of its name there", () => {
    const places = [place("a", { mode: "evacuate" }), place("b"), place("c")];
    const machines = [
      machine("x", { pinned: "a", last: "a" }),
      machine("y", { pinned: "b", excluded: new Set(["b"]) }),
      machine("z", { pinned: "gone" }),
    ];
    expect(placed(machines, places)).toEqual({ homeless: ["x", "y", "z"] });
  });

  test("goes where its memory still fits below the limit of the place, to the last MB", () => {
    const places = [place("a", { maxMemoryMb: 2048 }), place("b", { maxMemoryMb: 1023 })];
    const machines = ["x", "y", "z"].map((key) => machine(key));
    expect(placed(machines, places)).toEqual({ x: "a", y: "a", homeless: ["z"] });
  });

  test("counts where it stays, in all that its place shares", () => {
    const space = { id: "ssd", capacity: 4, used: 0 };
    const shared = { ...memoryOf("lab1", 3072), space };
    const places = [place("a", { ...shared, maxMachines: 2 }), place("b", shared)];
    const machines = [
      machine("x", { last: "a", spaceBytes: 2 }),
      ...["y", "z"].map((key) => machine(key, { spaceBytes: 2 })),
    ];
    // One has its disk already, and the place counts it all the same.
    expect(placed(machines, places, "memory")).toEqual({ x: "a", y: "b", homeless: ["z"] });
    const [x, ...others] = machines;
    const there = [{ ...machine("x"), ...x, exists: true }, ...others];
    expect(placed(there, places, "memory")).toEqual({ x: "a", y: "b", z: "a", homeless: [] });
  });

  test("fits nowhere on a host without memory, and goes by weight where hosts tell of none", () => {
    expect(placed([machine("x")], [place("a", memoryOf("a", 0))], "memory")).toEqual({ homeless: ["x"] });
    const unknown = [place("a"), place("b", { weight: 2 })];
    expect(placed([machine("x"), machine("y"), machine("z")], unknown, "memory")).toMatchObject({
      x: "b",
      y: "a",
      z: "b",
    });
  });

  test("does not go where somebody else has one of its name", () => {
    expect(placed([machine("x", { excluded: new Set(["a"]) })], [place("a"), place("b")])).toEqual({
      x: "b",
      homeless: [],
    });
  });

  test("without room anywhere stays without a place, the largest first", () => {
    const places = [place("a", memoryOf("a", 4096, 1024)), place("b", { mode: "closed" })];
    const machines = [machine("s"), machine("xl", { memoryMb: 3072 })];
    expect(placed(machines, places, "memory")).toEqual({ xl: "a", homeless: ["s"] });
  });
});

test("places on one host share its memory, those on one datastore its space", () => {
  const host = memoryOf("lab1", 3072);
  const space = { id: "ssd", capacity: 5, used: 2 };
  const places = [place("a", { ...host, space }), place("b", host)];
  const machines = ["w", "x", "y", "z"].map((key) => machine(key, { spaceBytes: 2 }));
  expect(placed(machines, places, "memory")).toMatchObject({ w: "a", x: "b", y: "b", homeless: ["z"] });
  const even = [place("a", memoryOf("lab1", 8192)), place("b", { ...memoryOf("lab1", 8192), weight: 2 })];
  expect(placed(machines.slice(1), even, "memory")).toMatchObject({ x: "b", y: "a", z: "b" });
  const there = machines.map((one) => ({ ...one, last: "a", exists: true }));
  expect(placed([...there.slice(1), machine("n", { spaceBytes: 2 })], [place("a", { space })])).toMatchObject(
    { n: "a" },
  );
});

const PLACES = ["p1", "p2", "p3"];
const someKeys = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,2}$/), { maxLength: 40 });

test("whatever comes and goes, nobody else moves, and the order of keys does not matter", () => {
  fc.assert(
    fc.property(fc.array(someKeys, { minLength: 1, maxLength: 8 }), fc.boolean(), (steps, byMemory) => {
      const by = byMemory ? "memory" : "count";
      const places = PLACES.map((id, index) =>
        place(id, { weight: index + 1, ...memoryOf(id, 2 ** (20 + index)) }),
      );
      let last = new Map<string, string>();
      for (const keys of steps) {
        const machines = keys.map((key) => machine(key, { last: last.get(key), memoryMb: 512 * key.length }));
        const now = assignPlaces(machines, places, by);
        expect(now.homeless).toEqual([]);
        for (const key of keys) if (last.has(key)) expect(now.placeOf.get(key)).toBe(last.get(key));
        expect(Object.fromEntries(assignPlaces([...machines].reverse(), places, by).placeOf)).toEqual(
          Object.fromEntries(now.placeOf),
        );
        last = new Map(now.placeOf);
      }
    }),
  );
});

test("limits hold for newcomers, and by count the spread of a new fleet differs by at most one", () => {
  fc.assert(
    fc.property(
      someKeys,
      fc.integer({ min: 0, max: 12 }),
      fc.integer({ min: 0, max: 9000 }),
      (keys, most, memory) => {
        const limited = [place("p1", { maxMachines: most }), place("p2", memoryOf("p2", memory))];
        const { placeOf, homeless } = assignPlaces(
          keys.map((key) => machine(key)),
          limited,
          "count",
        );
        const count = (id: string, of = placeOf) => [...of.values()].filter((one) => one === id).length;
        expect(count("p1")).toBeLessThanOrEqual(most);
        expect(count("p2") * 1024).toBeLessThanOrEqual(memory);
        if (homeless.length > 0)
          expect([count("p1"), count("p2")]).toEqual([most, Math.floor(memory / 1024)]);

        const even = assignPlaces(
          keys.map((key) => machine(key)),
          PLACES.map((id) => place(id)),
          "count",
        ).placeOf;
        const counts = PLACES.map((id) => count(id, even));
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      },
    ),
  );
});

test("600 machines go to places of weight 2, 1 and 1 in that proportion", () => {
  const places = [place("p1", { weight: 2 }), place("p2"), place("p3")];
  const { placeOf } = assignPlaces(
    Array.from({ length: 600 }, (_, index) => machine(`m${index}`)),
    places,
    "count",
  );
  const counts = PLACES.map((id) => [...placeOf.values()].filter((one) => one === id).length);
  expect(counts).toEqual([300, 150, 150]);
});
