import { afterAll, beforeAll, expect, test } from "vitest";
import { numbers } from "../../../../../provider/resources/fleet/numbers/numbers.lifecycle.ts";
import type { Context, Properties } from "../../../../../provider/resources/frame/lifecycle.ts";
import { UNKNOWN } from "../../../../../provider/resources/inputs/check-inputs.ts";
import { portGroup } from "../../../../../provider/resources/network/port-group.lifecycle.ts";
import { freePort } from "../../../../support/ports.ts";
import { failure, Lab } from "../../lab.ts";
import { Managed } from "../../managed.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.open();
});
afterAll(() => lab.close());

const vlans = () => new Managed(lab, "Numbers", numbers, "vlans");
const reasons = async (settings: Properties, before?: Properties) =>
  (await vlans().check(settings, before)).failures.map(({ property, reason }) => `${property}: ${reason}`);

const RANGE = { from: 200, to: 202 };

test("a check decides, so that a preview knows the numbers, and they stay", async () => {
  const state = await vlans().create({ keys: ["red", "blue"], ...RANGE });
  expect(state.outs).toMatchObject({ numbers: { blue: 200, red: 201 }, retired: [], ...RANGE });
  expect(state.outs).not.toHaveProperty("keys");
  expect(await vlans().diff(state, { keys: ["blue", "red"], ...RANGE })).toMatchObject({ changes: false });
  expect(await vlans().diff(state, { keys: ["red"], ...RANGE })).toMatchObject({
    changes: true,
    replaces: [],
  });
  const later = await vlans().update(state, { keys: ["red", "green"], ...RANGE });
  expect(later.outs).toMatchObject({ numbers: { green: 202, red: 201 }, retired: [200] });
  expect(await vlans().read(later)).toEqual(later);
  await vlans().delete(later);
});

test("what a preview does not know yet leaves the numbers unknown", async () => {
  const { inputs, failures } = await vlans().check({ keys: UNKNOWN, ...RANGE });
  expect(failures).toEqual([]);
  expect(inputs).toMatchObject({ numbers: UNKNOWN, retired: UNKNOWN });
});

test("what cannot be numbered is an error of the preview, with the count", async () => {
  expect(await reasons({ keys: ["a", "b", "c", "d", "e"], ...RANGE })).toEqual([
    'keys: 5 keys need a number, but from 200 to 202 there are 3: none is left for "d", "e"',
  ]);
  expect(await reasons({ keys: ["a"], from: 3, to: 2, fixed: { x: 9, y: 9 } })).toEqual([
    "to: must be at least 3, as from is",
    'fixed.y: 9 is also the number of "x"',
  ]);
  expect(await reasons({ keys: ["a", "a"], from: 1.5, to: "9" })).toEqual([
    "keys: must not name a key twice",
    "from: must be a whole number",
    "to: must be a number, not a text: write it without quotes",
  ]);
  expect(await reasons({ keys: [], ...RANGE, portGroups: { namePattern: "team" } })).toEqual([
    "portGroups.namePattern: must have %s as the place of the key",
  ]);
});

test("a new one takes over the VLANs of port groups, and one that has its numbers asks no host", async () => {
  const wish = { name: "team-red", virtualSwitch: "vSwitch0", vlanId: 202 };
  const group = new Managed(lab, "PortGroup", portGroup);
  const made = await group.create(wish);
  const settings = { keys: ["blue", "red"], ...RANGE, portGroups: { namePattern: "team-%s" } };
  const state = await vlans().create(settings);
  expect(state.outs.numbers).toEqual({ blue: 200, red: 202 });
  lab.raw.simulator.requests.clear();
  await vlans().update(state, { ...settings, keys: ["blue", "green", "red"] });
  expect(lab.raw.simulator.requests.count()).toBe(0);
  await group.delete(made);
});

test("wrong settings leave the numbers as they were, and what is new is told in a few words", async () => {
  const lines = () => lab.said.splice(0).map(({ text }) => text);
  lines();
  const state = await vlans().create({ keys: ["red", "blue"], ...RANGE });
  expect(lines()).toEqual(["2 new: blue 200, red 201"]);
  const { inputs } = await vlans().check({ keys: ["red"], from: 300, to: 200 }, state.inputs);
  expect(inputs).toMatchObject({ numbers: { blue: 200, red: 201 }, retired: [] });
  expect(lines()).toEqual([]);
  const moved = await vlans().update(state, { keys: ["red"], ...RANGE, fixed: { red: 7 } });
  expect(lines()).toEqual(["1 new: red 7; 1 gone"]);
  expect(moved.outs).toMatchObject({ numbers: { red: 7 }, retired: [200, 201] });
  const many = Array.from({ length: 12 }, (_, index) => `k${index}`);
  await vlans().update(state, { keys: many, from: 1, to: 99 });
  expect(lines()).toEqual([expect.stringMatching(/^12 new: (k\d \d+, ){9}k\d \d+ and 2 more; 2 gone$/)]);
});

test("what is no number in a state is passed over", async () => {
  const before = { numbers: { red: 201, blue: "200" }, retired: [200, "x", null] };
  for (const olds of [before, { ...before, numbers: null, retired: "none" }]) {
    const { inputs } = await vlans().check({ keys: ["blue", "red"], ...RANGE }, olds);
    expect(inputs.numbers).toEqual(olds === before ? { blue: 202, red: 201 } : { blue: 200, red: 201 });
  }
});

test("a shortage names three keys, and says how many more there are", async () => {
  const keys = ["a", "b", "c", "d", "e"];
  expect(await reasons({ keys, from: 1, to: 1 })).toEqual([
    'keys: 5 keys need a number, but from 1 to 1 there are 1: none is left for "b", "c", "d" and 1 more',
  ]);
});

test("of several hosts the first counts, one that is lost for good is not asked, and a silent one stops all", async () => {
  const other = await Lab.open();
  const groups = [lab, other].map((one) => new Managed(one, "PortGroup", portGroup, "team"));
  const made = await Promise.all(
    groups.map((group, index) =>
      group.create({ name: "team-red", virtualSwitch: "vSwitch0", vlanId: 201 + index }),
    ),
  );
  const silent = lab.connect({}, { api: await freePort() });
  const hosts = new Map([
    ["lab1", lab.host],
    ["lab2", other.host],
    ["lab3", silent],
  ]);
  const told = async (names: readonly string[], gone: readonly string[] = []) => {
    const context: Context = {
      ...lab.context(),
      host: (name = "") => hosts.get(name) ?? lab.host,
      isGone: (name = "") => gone.includes(name),
    };
    const portGroups = { namePattern: "team-%s", hosts: names };
    const { inputs } = await numbers.check({}, { keys: ["red"], ...RANGE, portGroups }, context);
    return inputs.numbers;
  };
  expect(await told(["lab1", "lab2"])).toEqual({ red: 201 });
  expect(await told(["lab2", "lab1"])).toEqual({ red: 202 });
  expect(await told(["lab3", "lab2"], ["lab3"])).toEqual({ red: 202 });
  expect((await failure(told(["lab1", "lab3"]))).message).toMatch(/^esxi1/);
  for (const [index, group] of groups.entries()) if (made[index]) await group.delete(made[index]);
  await other.close();
});
