/**
 * Runs of a fleet over two hosts that keep the state once, when they end, killed at a request to either host that chance
 * chooses: whoever has a place by then keeps it, with state and without.
 */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Context } from "../../../../provider/resources/frame/lifecycle.ts";
import { draws } from "../../../support/draws.ts";
import { untilIdle, wired } from "../any-fault/run.ts";
import { Lab } from "../lab.ts";
import { type Among, Engine, type Program } from "./engine.ts";

type HostName = "lab1" | "lab2";
const HOSTS: readonly HostName[] = ["lab1", "lab2"];

let labs: Readonly<Record<HostName, Lab>>;
const engine = new Engine();

beforeAll(async () => {
  const [lab1, lab2] = await Promise.all([Lab.open(), Lab.open()]);
  labs = { lab1, lab2 };
});
afterAll(() => Promise.all(HOSTS.map((name) => labs[name].close())));

/** A base on each host, and a linked clone of it for each key, where the placement puts it. */
function fleet(keys: readonly string[]): Program {
  const placeOf = (among: Among, key: string): string => {
    const assigned = JSON.parse(String(among("tp-placement")?.outs.assigned)) as Record<string, string[]>;
    return Object.keys(assigned).find((place) => assigned[place]?.includes(key)) ?? "nowhere";
  };
  const off = { guestId: "otherGuest", memory: 64, powerOn: false };
  return {
    "tp-placement": {
      kind: "Placement",
      args: {
        keys,
        places: HOSTS.map((host) => ({ host })),
        namePattern: "tp-%s",
        templates: HOSTS.map((host) => `tp-base-${host}`),
        memory: 64,
      },
    },
    ...Object.fromEntries(
      HOSTS.map((host) => [
        `tp-base-${host}`,
        { kind: "ScratchVm", args: { ...off, name: `tp-base-${host}`, host } },
      ]),
    ),
    ...Object.fromEntries(
      keys.map((key) => [
        `tp-${key}`,
        {
          kind: "DatastoreClone",
          args: {
            name: `tp-${key}`,
            host: (among: Among) => placeOf(among, key),
            source: (among: Among) => among(`tp-base-${placeOf(among, key)}`)?.id,
            mode: "linked",
            powerOn: false,
          },
        },
      ]),
    ),
  };
}

/** One run's view of both hosts, one of them perhaps over a connection that can be cut. */
function both(wire?: { readonly at: HostName; readonly host: Lab["host"] }): Context {
  return {
    ...labs.lab1.context(),
    takeBack: true,
    host: (name = "") => {
      if (name !== "lab1" && name !== "lab2") throw new Error(`There is no host ${name}.`);
      return wire?.at === name ? wire.host : labs[name].host;
    },
  };
}

const machines = (): Record<HostName, string[]> => ({ lab1: on("lab1"), lab2: on("lab2") });
const on = (name: HostName): string[] =>
  labs[name].raw.simulator
    .vms()
    .map((vm) => vm.name)
    .sort();

async function run(work: (context: Context) => Promise<void>): Promise<void> {
  await Promise.all(HOSTS.map((name) => labs[name].restart()));
  await work(both());
}

/** A run that is killed at that request to one host; to its end if it has fewer. */
async function killed(
  at: HostName,
  request: number,
  moment: "before" | "after",
  work: (context: Context) => Promise<void>,
): Promise<void> {
  await Promise.all(HOSTS.map((name) => labs[name].restart()));
  const { simulator } = labs[at].raw;
  const line = await wired(labs[at]);
  const isKilled = new Promise<"killed">((resolve) => {
    simulator.faults.add({
      after: request,
      count: 1,
      action: moment === "before" ? "disconnect" : "loseReply",
      onWork: (now) => {
        if (now !== moment) return;
        line.cut();
        resolve("killed");
      },
    });
  });
  const ended = await Promise.race([work(both({ at, host: line.host })), isKilled]);
  simulator.faults.clear();
  if (ended === "killed") for (const name of HOSTS) labs[name].restartAfterKill();
  else await line.close();
  await Promise.all(HOSTS.map((name) => untilIdle(labs[name])));
}

const FIRST = ["alice", "bob", "carl", "dora"];
/** One in the middle goes, one comes. */
const NEXT = ["alice", "bob", "dora", "emil"];

const upTo = (keys: readonly string[]) => (context: Context) => engine.up(fleet(keys), context);

/** Where the machines of both sets are, and that each is there once. */
function places(): Map<string, HostName> {
  const found = HOSTS.flatMap((host) => on(host).map((name): [string, HostName] => [name, host]));
  expect(new Set(found.map(([name]) => name)).size).toBe(found.length);
  return new Map(found);
}

test("whoever has a machine keeps it and its place, wherever a fleet's run is killed", {
  timeout: 600_000,
}, async () => {
  const kill = fc.record({
    at: fc.constantFrom(...HOSTS),
    request: fc.integer({ min: 1, max: 60 }),
    moment: fc.constantFrom("before" as const, "after" as const),
  });
  const forget = engine.keep();
  await fc.assert(
    fc.asyncProperty(kill, kill, fc.boolean(), async (first, next, loses) => {
      await killed(first.at, first.request, first.moment, upTo(FIRST));
      const begun = places();
      await run(upTo(FIRST));
      const whole = places();
      expect([...whole.keys()].sort()).toEqual(
        ["tp-base-lab1", "tp-base-lab2", ...FIRST.map((key) => `tp-${key}`)].sort(),
      );
      for (const [name, host] of begun)
        if (whole.has(name)) expect([name, whole.get(name)]).toEqual([name, host]);

      const uuids = new Map(HOSTS.flatMap((host) => uuidsOn(host)));
      await killed(next.at, next.request, next.moment, upTo(NEXT));
      if (loses) forget();
      await run(upTo(NEXT));
      const after = machines();
      for (const key of NEXT)
        if (FIRST.includes(key)) {
          const host = whole.get(`tp-${key}`) ?? "lab1";
          expect(after[host]).toContain(`tp-${key}`);
          expect(new Map(uuidsOn(host)).get(`tp-${key}`)).toBe(uuids.get(`tp-${key}`));
        }
      if (loses) await run(upTo([...FIRST, ...NEXT.filter((key) => !FIRST.includes(key))]));
      await run((context) => engine.destroy(context));
      expect(machines()).toEqual({ lab1: [], lab2: [] });
    }),
    { ...draws(4), endOnFailure: true },
  );
  for (const name of HOSTS) {
    await labs[name].host.close();
    await labs[name].raw.expectEmpty();
  }
});

const uuidsOn = (host: HostName): [string, string][] =>
  labs[host].raw.simulator.vms().map(({ name, instanceUuid }) => [name, instanceUuid]);
