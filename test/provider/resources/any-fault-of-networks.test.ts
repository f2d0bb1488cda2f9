/** A fault at every single request of a create, update or delete of a network or pool: the next run ends well. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Lifecycle, Properties } from "../../../provider/resources/lifecycle.ts";
import { portGroup } from "../../../provider/resources/port-group.lifecycle.ts";
import { resourcePool } from "../../../provider/resources/resource-pool.lifecycle.ts";
import { UnfinishedError } from "../../../provider/resources/unfinished-error.ts";
import { virtualSwitch } from "../../../provider/resources/virtual-switch.lifecycle.ts";
import type { FaultAction } from "../../../simulator/index.ts";
import { Lab } from "./lab.ts";
import { type InState, Managed } from "./managed.ts";

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.open();
});

afterEach(() => lab.close());

const KINDS: readonly [string, Lifecycle, Properties, Properties][] = [
  [
    "PortGroup",
    portGroup,
    { name: "it", virtualSwitch: "vSwitch0" },
    { name: "it", virtualSwitch: "vSwitch0", vlanId: 5 },
  ],
  ["VirtualSwitch", virtualSwitch, { name: "it" }, { name: "it", networkAdapters: ["vmnic1"], mtu: 9000 }],
  ["ResourcePool", resourcePool, { name: "it" }, { name: "renamed", cpuLimit: 500 }],
];
const FAULTS: readonly FaultAction[] = [
  { fault: "SystemError", message: "no" },
  "disconnect",
  "loseReply",
  { status: 503 },
  "expireSession",
];
const MOST_REQUESTS = 20;

/** Runs it with a fault at its first request, then at its second, and so on until there are no more requests. */
async function atEveryRequest(
  action: FaultAction,
  run: () => Promise<unknown>,
  afterwards: (error: unknown) => Promise<void>,
): Promise<void> {
  for (let after = 0; after < MOST_REQUESTS; after++) {
    await lab.restart();
    // Logging in is another matter.
    await lab.host.facts();
    lab.raw.simulator.requests.clear();
    lab.raw.simulator.faults.add({ after, count: 1, action });
    const error = await run().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    const requests = lab.raw.count();
    lab.raw.simulator.faults.clear();
    await afterwards(error);
    if (requests <= after) return;
  }
  throw new Error(`There were more than ${MOST_REQUESTS} requests.`);
}

test.each(
  KINDS.flatMap(([kind, lifecycle, wish, change]) =>
    FAULTS.map((action) => ({ kind, lifecycle, wish, change, action })),
  ),
)("$kind, $action", { timeout: 60_000 }, async ({ kind, lifecycle, wish, change, action }) => {
  const it = new Managed(lab, kind, lifecycle);
  const inputs = await it.inputs(wish);
  let made: InState | undefined;

  await atEveryRequest(
    action,
    async () => {
      made = undefined;
      const { id, outs } = await lifecycle.create(inputs, lab.context());
      made = { id, outs, inputs };
    },
    async (error) => {
      // What Pulumi does next: go on with what is in state, or make it.
      const state =
        error instanceof UnfinishedError ? { id: error.id, outs: error.properties, inputs } : made;
      const done = state ? await it.update(state, wish) : await it.create(wish);
      expect(await it.diff(done, wish)).toMatchObject({ changes: false });
      await it.delete(done);
      expect(await it.read(done)).toBeUndefined();
    },
  );

  let state = await it.create(wish);
  const news = await it.inputs(change);
  await atEveryRequest(
    action,
    () => lifecycle.update(state.id, state.outs, news, lab.context()),
    async (error) => {
      const half = error instanceof UnfinishedError ? { ...state, outs: error.properties } : state;
      const done = await it.update(half, change);
      const now = await it.read(done);
      expect(now?.outs).toEqual(done.outs);
      expect(await it.diff(done, change)).toMatchObject({ changes: false });
      state = await it.update(done, wish);
    },
  );

  await atEveryRequest(
    action,
    () => it.delete(state),
    async () => {
      await it.delete(state);
      expect(await it.read(state)).toBeUndefined();
      state = await it.create(wish);
    },
  );
});
