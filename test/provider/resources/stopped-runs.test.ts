/** A run that is stopped while the host does not answer: it ends, and does not wait for the answer. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Properties } from "../../../provider/resources/frame/lifecycle.ts";
import { Lab } from "./lab.ts";
import { type Kind, LIFECYCLES } from "./lifecycles.ts";
import { Managed } from "./managed.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.open();
});
beforeEach(() => lab.raw.simulator.faults.clear());
afterAll(() => lab.close());

const GROUP = { virtualSwitch: "vSwitch0" };
const ON = { service: "TSM-SSH", running: true };

/** The call without an answer, and what the resource was before and is to be. Undefined for nothing. */
type Case = readonly [
  method: string,
  kind: Kind,
  before: Properties | undefined,
  wish: Properties | undefined,
];

const CASES: readonly Case[] = [
  ["AddPortGroup", "PortGroup", undefined, GROUP],
  ["UpdatePortGroup", "PortGroup", GROUP, { ...GROUP, vlanId: 7 }],
  ["RemovePortGroup", "PortGroup", GROUP, undefined],
  ["AddVirtualSwitch", "VirtualSwitch", undefined, {}],
  ["UpdateVirtualSwitch", "VirtualSwitch", {}, { mtu: 9000 }],
  ["RemoveVirtualSwitch", "VirtualSwitch", {}, undefined],
  ["CreateResourcePool", "ResourcePool", undefined, {}],
  ["UpdateConfig", "ResourcePool", {}, { cpuLimit: 100 }],
  ["MoveIntoResourcePool", "ResourcePool", {}, { parentResourcePool: "parent" }],
  ["Destroy_Task", "ResourcePool", {}, undefined],
  ["StartService", "HostService", undefined, ON],
  ["UpdateServicePolicy", "HostService", ON, { ...ON, policy: "on" }],
];

test.each(CASES)("%s of a %s", async (method, kind, before, wish) => {
  const name = method.toLowerCase();
  const it = new Managed(lab, kind, LIFECYCLES[kind], name);
  const args = (settings: Properties) => (kind === "HostService" ? settings : { name, ...settings });
  if (wish?.parentResourcePool) await new Managed(lab, kind, LIFECYCLES[kind]).create({ name: "parent" });
  const state = before && (await it.create(args(before)));
  const stop = new AbortController();
  lab.raw.simulator.faults.add({
    ...{ method, count: 1, action: "hang" },
    onWork: () => stop.abort(new Error("The run was stopped.")),
  });
  const context = lab.context(stop.signal);
  const work =
    state === undefined
      ? it.create(args(wish ?? {}), context)
      : wish === undefined
        ? it.delete(state, context)
        : it.update(state, args(wish), context);
  await expect(work).rejects.toThrow("The run was stopped.");
  expect(lab.raw.count(method)).toBeGreaterThan(0);
});
