import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EsxiHost } from "../provider/host/esxi-host.ts";
import { placement } from "../provider/resources/fleet/placement/placement.lifecycle.ts";
import type { Context, Properties } from "../provider/resources/frame/lifecycle.ts";
import { type Simulator, startSimulator } from "../simulator/index.ts";
import { connectTo } from "../test/support/esxi-host.ts";
import type { Benchmark } from "./support/result.ts";

const KEYS = Array.from({ length: 600 }, (_, index) => `student-${index + 1}`);
const HOSTS = ["lab1", "lab2", "lab3"];
const MOST = { checkMs: 50, stateKb: 60, calls: 0 };
const FLEET: Properties = {
  keys: KEYS,
  places: HOSTS.map((host, index) => ({ host, weight: index === 0 ? 2 : 1 })),
  memory: 16,
  __urn: "urn:pulumi:dev::lab::pulumi-nodejs:esxi:Placement::class",
};

/** What a fleet of 600 keys costs beyond its machines. */
export const fleetOf600: Benchmark = {
  name: "fleet-of-600",
  title: "a placement of 600 keys on three simulated hosts, in this process",

  run: ({ rounds }) =>
    withHosts(async (context, calls) => {
      const first: number[] = [];
      const asked = calls();
      for (let round = 0; round < rounds; round++) first.push(await timed(() => check({}, FLEET, context)));
      const callsOfFirst = (calls() - asked) / rounds;

      const inputs = await check({}, FLEET, context);
      const { id, outs } = await placement.create(inputs, context);
      const again: number[] = [];
      const before = calls();
      for (let round = 0; round < rounds; round++)
        again.push(await timed(() => check(inputs, FLEET, context)));
      await placement.read(id, outs, context);
      const further = calls() - before;
      const one = { ...FLEET, keys: [...KEYS.slice(1), "newcomer"] };
      const newcomer: number[] = [];
      for (let round = 0; round < rounds; round++)
        newcomer.push(await timed(() => check(inputs, one, context)));
      return {
        rows: [
          { label: "check, everybody new, hosts asked", unit: "ms", samples: first },
          { label: "check, one comes and one goes, hosts asked", unit: "ms", samples: newcomer },
          { label: "check, nobody new", unit: "ms", samples: again, goal: { atMost: MOST.checkMs } },
          {
            label: "its part of the state file",
            unit: "kB",
            samples: [sizeInState({ inputs, outputs: outs }) / 1000],
            goal: { atMost: MOST.stateKb },
          },
          { label: "calls when everybody is new", unit: "calls", samples: [callsOfFirst] },
          {
            label: "calls of a refresh, and of checks with nobody new",
            unit: "calls",
            samples: [further],
            goal: { atMost: MOST.calls },
          },
        ],
      };
    }),
};

async function check(olds: Properties, news: Properties, context: Context): Promise<Properties> {
  const { inputs, failures } = await placement.check(olds, news, context);
  if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("\n"));
  return inputs;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

/** Pulumi writes state with four blanks for each level, and a resource stands four levels below the top. */
function sizeInState(resource: unknown): number {
  const text = JSON.stringify({ deployment: { resources: [{ resource }] } }, null, 4);
  return Buffer.byteLength(text);
}

async function withHosts<T>(work: (context: Context, calls: () => number) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "esxi-bench-fleet-"));
  const simulators: Simulator[] = [];
  const hosts = new Map<string | undefined, EsxiHost>();
  const password = "for this measurement";
  try {
    for (const name of HOSTS) {
      const simulator = await startSimulator({ stateDir: join(folder, name), password });
      simulators.push(simulator);
      hosts.set(name, connectTo({ ...simulator, password }, name));
    }
    const context: Context = {
      progress: { status: () => {}, info: () => {}, warn: () => {} },
      signal: new AbortController().signal,
      projectFolder: folder,
      host(name) {
        const host = hosts.get(name);
        if (host === undefined) throw new Error(`There is no host ${name}.`);
        return host;
      },
    };
    return await work(context, () => simulators.reduce((sum, { requests }) => sum + requests.count(), 0));
  } finally {
    for (const host of hosts.values()) await host.close();
    for (const simulator of simulators) await simulator.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
