import { afterAll, beforeAll, expect, test } from "vitest";
import { numbers } from "../../../../../provider/resources/fleet/numbers/numbers.lifecycle.ts";
import type { Properties } from "../../../../../provider/resources/frame/lifecycle.ts";
import { UNKNOWN } from "../../../../../provider/resources/inputs/check-inputs.ts";
import { portGroup } from "../../../../../provider/resources/network/port-group.lifecycle.ts";
import { Lab } from "../../lab.ts";
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
