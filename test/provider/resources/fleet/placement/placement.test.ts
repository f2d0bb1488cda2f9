import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { EsxiHost } from "../../../../../provider/host/esxi-host.ts";
import { placement } from "../../../../../provider/resources/fleet/placement/placement.lifecycle.ts";
import type { Context, Properties } from "../../../../../provider/resources/frame/lifecycle.ts";
import { scratchVm } from "../../../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { freePort } from "../../../../support/ports.ts";
import { Lab } from "../../lab.ts";
import { type InState, Managed } from "../../managed.ts";

let labs: { readonly lab1: Lab; readonly lab2: Lab };
let said: string[];
/** Hosts that are lost for good. */
let gone: (string | undefined)[];
/** A host that never answers. */
let silent: EsxiHost;

beforeEach(async () => {
  const [lab1, lab2] = await Promise.all([Lab.open(), Lab.open()]);
  labs = { lab1, lab2 };
  silent = lab1.connect({}, { api: await freePort() });
  said = [];
  gone = [];
});
afterEach(() => Promise.all(Object.values(labs).map((lab) => lab.close())));

/** Both hosts, as a stack with `esxi:hosts` has them, and lab3, which never answers. */
const several = {
  context(): Context {
    const base = labs.lab1.context();
    const say = (text: string) => void said.push(text);
    return {
      ...base,
      progress: { status: say, info: say, warn: (text) => say(`warning: ${text}`) },
      isGone: (name) => gone.includes(name),
      host: (name): EsxiHost => {
        if (name === "lab1" || name === "lab2") return labs[name].host;
        if (name === "lab3") return silent;
        throw new Error(`No host "${name}" in the configuration.`);
      },
    };
  },
};

const expectNothingLeft = () =>
  Promise.all(
    Object.values(labs).map(async ({ host, raw }) => {
      await host.close();
      await raw.expectVms();
    }),
  );

const resource = (name = "tp") => new Managed(several, "Placement", placement, name);
const PLACES = [{ host: "lab1" }, { host: "lab2" }];
const WISH = {
  keys: ["alice", "bob", "carl", "dora"],
  places: PLACES,
  namePattern: "tp-%s",
};

const placesOf = ({ outs }: InState) => JSON.parse(String(outs.assigned)) as Record<string, string[]>;
const reasons = async (settings: Properties, before?: InState) =>
  (await resource().check(settings, before?.inputs)).failures.map(
    ({ property, reason }) => `${property}: ${reason}`,
  );
const calls = () => labs.lab1.raw.simulator.requests.count() + labs.lab2.raw.simulator.requests.count();
const clear = () => Object.values(labs).map((lab) => lab.raw.simulator.requests.clear());

const machine = (lab: Lab, name: string) => new Managed(lab, "ScratchVm", scratchVm, name);

describe("a placement", () => {
  test("decides in its check, tells it, and asks nobody once all have a place", async () => {
    const state = await resource().create(WISH);
    expect(placesOf(state)).toEqual({ lab1: ["alice", "carl"], lab2: ["bob", "dora"] });
    expect(said).toEqual([
      "4 new: 2 to lab1 (0 → 2 % of its memory given away), 2 to lab2 (0 → 2 % of its memory given away); 0 stay",
    ]);
    clear();
    expect(await resource().diff(state, { ...WISH, keys: [...WISH.keys].reverse() })).toMatchObject({
      changes: false,
    });
    expect(placesOf(await resource().update(state, { ...WISH, keys: ["alice", "dora"] }))).toEqual({
      lab1: ["alice"],
      lab2: ["dora"],
    });
    expect(calls()).toBe(0);
    await expectNothingLeft();
  });

  test("asks each host twice at most for those who come", async () => {
    const state = await resource().create({ ...WISH, keys: ["alice"] });
    clear();
    expect(placesOf(await resource().update(state, WISH))).toEqual({
      lab1: ["alice", "carl"],
      lab2: ["bob", "dora"],
    });
    expect(calls()).toBeLessThanOrEqual(4);
  });

  test("without its state finds its machines by their marks, and passes a stranger's by", async () => {
    const made = await machine(labs.lab2, "tp-alice").create({ name: "tp-alice", memory: 64 });
    const others = machine(labs.lab1, "tp-bob");
    const inputs = await others.inputs({ name: "tp-bob", memory: 64 });
    const urn = String(inputs.__urn).replace("urn:pulumi:dev::", "urn:pulumi:exam::");
    const { id, outs } = await scratchVm.create({ ...inputs, __urn: urn }, labs.lab1.context());
    const state = await resource().create(WISH);
    expect(placesOf(state)).toEqual({ lab1: ["carl", "dora"], lab2: ["alice", "bob"] });
    await machine(labs.lab2, "tp-alice").delete(made);
    await others.delete({ id, outs, inputs });
    await expectNothingLeft();
  });

  test("fails in the preview where machines find no place, with the numbers of each", async () => {
    const places = [
      { host: "lab1", maxMachines: 2 },
      { host: "lab2", mode: "closed" },
    ];
    expect(await reasons({ ...WISH, places })).toEqual([
      "places: 2 machines have no place (carl, dora): lab1 has 2 of at most 2 machines; lab2 is closed. " +
        "Add a place, raise a limit, or take machines out.",
    ]);
    expect(await reasons({ ...WISH, memory: 100 * 1024, places: [{ host: "lab1" }] })).toEqual([
      "places: 2 machines have no place (carl, dora): lab1 has 56.0 GiB of 256 GiB memory left. " +
        "Add a place, raise a limit, or take machines out.",
    ]);
    expect(
      await reasons({ ...WISH, diskSpace: 30, places: [{ host: "lab1", datastore: "datastore1" }] }),
    ).toEqual([
      "places: 1 machine has no place (dora): lab1/datastore1 has 0 B of 90.0 GiB of its datastore left. " +
        "Add a place, raise a limit, or take machines out.",
    ]);
  });

  test("counts what another fleet of the same run has planned", async () => {
    const big = { ...WISH, memory: 60 * 1024, places: [{ host: "lab1" }] };
    await resource("first").create({ ...big, keys: ["x", "y"], namePattern: "first-%s" });
    expect(await reasons(big)).toEqual([
      "places: 2 machines have no place (carl, dora): lab1 has 16.0 GiB of 256 GiB memory left. " +
        "Add a place, raise a limit, or take machines out.",
    ]);
  });

  test("refuses what makes no sense, all at once", async () => {
    expect(
      await reasons({
        keys: ["a"],
        places: [{ host: "lab1" }, { host: "lab1", weight: 0 }],
        namePattern: "tp",
      }),
    ).toEqual(["places.1.weight: must be above 0", "namePattern: must have %s as the place of the key"]);
    expect(await reasons({ ...WISH, machines: { bob: { place: "lab9" } } })).toEqual([
      'machines.bob.place: "lab9" is none of the places: lab1, lab2',
    ]);
  });
});

describe("a machine", () => {
  const SPREAD = { lab1: ["alice", "carl"], lab2: ["bob", "dora"] };
  let state: InState;
  beforeEach(async () => {
    state = await resource().create(WISH);
    expect(placesOf(state)).toEqual(SPREAD);
    said = [];
    clear();
  });
  const updated = async (settings: Properties) =>
    placesOf(await resource().update(state, { ...WISH, ...settings }));

  test("with another key keeps the place of its former key, and nobody is asked", async () => {
    const keys = ["zoe", "bob", "carl", "dora"];
    const expected = { lab1: ["carl", "zoe"], lab2: ["bob", "dora"] };
    expect(await updated({ keys, formerly: { zoe: "alice" } })).toEqual(expected);
    expect(calls()).toBe(0);
    // A key that has a place needs none of a former one.
    expect(await updated({ formerly: { bob: "alice" } })).toEqual(SPREAD);
  });

  test("that the program pins goes there, alone, and stays there once the pin is gone", async () => {
    const machines = { bob: { place: "lab1" } };
    state = await resource().update(state, { ...WISH, machines });
    const expected = { lab1: ["alice", "bob", "carl"], lab2: ["dora"] };
    expect(placesOf(state)).toEqual(expected);
    expect(said).toEqual([expect.stringMatching(/^0 new, bob moved: 1 to lab1 .*; 3 stay$/)]);
    clear();
    expect(await updated({})).toEqual(expected);
    expect(calls()).toBe(0);
  });

  test("leaves a place that is evacuated, whose host is not asked, and no other does", async () => {
    const [, lab2] = PLACES;
    expect(await updated({ places: [{ host: "lab1", mode: "evacuate" }, lab2] })).toEqual({
      lab2: ["alice", "bob", "carl", "dora"],
    });
    expect(labs.lab1.raw.count()).toBe(0);
    expect(
      await updated({ places: [{ host: "lab1", mode: "closed" }, lab2], keys: [...WISH.keys, "zoe"] }),
    ).toEqual({
      ...SPREAD,
      lab2: ["bob", "dora", "zoe"],
    });
  });

  test("leaves a host that is lost for good, which is said and not asked", async () => {
    gone = ["lab2"];
    expect(await updated({})).toEqual({ lab1: ["alice", "bob", "carl", "dora"] });
    expect(said[0]).toMatch(
      /^warning: lost for good: lab2\. Machines that were there are made anew elsewhere/,
    );
    expect(labs.lab2.raw.count()).toBe(0);
  });
});

test("without its state, a machine is found under the name that the program gives it, or its former one", async () => {
  const names = { alice: "first", bob: "tp-former" };
  const made = [
    await machine(labs.lab2, "a").create({ name: "first", memory: 64, powerOn: false }),
    await machine(labs.lab1, "b").create({ name: "tp-carl", memory: 64, powerOn: false }),
  ];
  const wish = { ...WISH, keys: ["alice", "bob", "zoe"], names, formerly: { zoe: "carl" } };
  expect(placesOf(await resource().create(wish))).toEqual({ lab1: ["bob", "zoe"], lab2: ["alice"] });
  const evacuated = [{ host: "lab1" }, { host: "lab2", mode: "evacuate" }];
  expect(placesOf(await resource().create({ ...wish, places: evacuated }))).toEqual({
    lab1: ["alice", "bob", "zoe"],
  });
  const [first, second] = made;
  if (first) await machine(labs.lab2, "a").delete(first);
  if (second) await machine(labs.lab1, "b").delete(second);
  await expectNothingLeft();
});

test("the memory of templates counts as free, and that of strangers does not", async () => {
  const golden = await machine(labs.lab1, "g").create({ name: "golden", memory: 64 * 1024, powerOn: false });
  const wish = { ...WISH, memory: 64 * 1024, places: [{ host: "lab1" }] };
  expect(await reasons({ ...wish, templates: ["golden"] })).toEqual([]);
  expect(await reasons(wish)).toEqual([
    expect.stringMatching(/^places: 1 machine has no place \(dora\): lab1 has 0 B /),
  ]);
  await machine(labs.lab1, "g").delete(golden);
});

describe("a host that cannot be asked", () => {
  const WITH_LAB3 = { ...WISH, places: [...PLACES, { host: "lab3" }] };

  test("stops newcomers, and nobody else", async () => {
    const state = await resource().create(WISH);
    expect(await reasons(WITH_LAB3, state)).toEqual([]);
    expect(await reasons({ ...WITH_LAB3, keys: [...WISH.keys, "zoe"] }, state)).toEqual([
      expect.stringMatching(
        /^places: lab3 could not be asked, and 1 machine needs a place \(.*\)\. Machines that have one are not touched/,
      ),
    ]);
  });

  test("does not stop a new fleet that is spread by count, and stops one of which machines may be there", async () => {
    const byCount = { ...WITH_LAB3, by: "count" };
    expect(Object.keys(placesOf(await resource().create(byCount)))).toEqual(["lab1", "lab2", "lab3"]);
    expect(said[0]).toMatch(/^warning: lab3 could not be asked which machines it has/);
    const state = await resource().create({ ...WISH, by: "count" });
    const keys = [...WISH.keys, "yann", "zoe"];
    expect(await reasons({ ...byCount, keys }, state)).toEqual([
      expect.stringMatching(/^places: lab3 could not be asked, and 2 machines need a place/),
    ]);
  });

  test("because the configuration does not have it is named, and nothing else is proposed", async () => {
    expect(await reasons({ ...WISH, places: [...PLACES, { host: "lab9" }] })).toEqual([
      'places: No host "lab9" in the configuration.',
    ]);
  });

  test("is only told when it takes no machines", async () => {
    const closed = { ...WITH_LAB3, places: [...PLACES, { host: "lab3", mode: "closed" }] };
    expect(placesOf(await resource().create(closed))).toEqual({
      lab1: ["alice", "carl"],
      lab2: ["bob", "dora"],
    });
    expect(said[0]).toMatch(/^warning: lab3 could not be asked which machines it has \(/);
  });
});
