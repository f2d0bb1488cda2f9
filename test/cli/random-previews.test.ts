/**
 * Programs as chance chooses them, changed as chance chooses: a preview announces what `up` then does, no replacement more and
 * none less, and the raw host has the machines that were to stay. One run has several such programs beside each other.
 */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { draws } from "../support/draws.ts";
import { type Lab, sharedLab, succeeded } from "../support/lab.ts";
import { tinyOva } from "../support/tiny-ova.ts";
import { twoDatastores } from "../support/two-datastores.ts";
import { declareResources } from "./declared-program.ts";

const GIB = 1024 ** 3;
const MACHINES = ["golden", "linked", "full", "of-full", "box"];

/** How one resource is handed to another; all of it is known in a preview. */
const links = fc.record({
  golden: fc.constantFrom("$golden", "$golden.id", "$golden.instanceUuid"),
  full: fc.constantFrom("$full", "$full.id", "$full.instanceUuid"),
  pool: fc.constantFrom("$pool.name", "pool"),
  iso: fc.constantFrom("$file.datastorePath", "$file.id"),
});
type Links = typeof links extends fc.Arbitrary<infer T> ? T : never;

/** A program beside others: all its names begin in a way of its own. */
interface Part {
  readonly prefix: string;
  readonly by: Links;
}

const text = fc.constantFrom("a", "b", "c");
/** What a program says; most of it changes in place. */
const settings = fc.record({
  golden: fc.record({ annotation: text, memory: fc.constantFrom(64, 128) }),
  linked: fc.record({ annotation: text, cpuShareLevel: fc.constantFrom("low", "normal") }),
  full: fc.record({ annotation: text, diskProvisioning: fc.constantFrom("thin", "thin", "thin", "thick") }),
  snapshot: fc.record({ description: text }),
  folder: fc.record({ forceDestroy: fc.boolean() }),
  file: fc.record({ source: fc.constantFrom("one.iso", "two.iso") }),
  group: fc.record({ vlanId: fc.constantFrom(1, 2) }),
  pool: fc.record({ memoryLimit: fc.constantFrom(512, 1024) }),
  box: fc.record({
    name: fc.constantFrom("box", "crate"),
    datastore: fc.constantFrom("datastore1", "ssd"),
    memory: fc.constantFrom(64, 128),
    annotation: text,
  }),
});
type Settings = typeof settings extends fc.Arbitrary<infer T> ? T : never;

const program = ({ prefix, by }: Part, said: Settings) => {
  const own = (text: string) => text.replace(/^(\$?)/, `$1${prefix}-`);
  const folder = own("iso");
  const resources = {
    golden: {
      kind: "OvaDeployment",
      args: { ovaPath: tinyOva.path, datastore: "datastore1", powerOn: false, ...said.golden },
    },
    linked: {
      kind: "DatastoreClone",
      args: { source: own(by.golden), mode: "linked", powerOn: false, ...said.linked },
    },
    full: { kind: "DatastoreClone", args: { source: own(by.golden), powerOn: false, ...said.full } },
    snapshot: { kind: "VmSnapshot", args: { vm: own(by.full), ...said.snapshot } },
    folder: { kind: "DatastoreFolder", args: { path: folder, datastore: "datastore1", ...said.folder } },
    file: {
      kind: "DatastoreFile",
      args: { path: `${folder}/seed.iso`, datastore: "datastore1", ...said.file },
      options: { dependsOn: [own("$folder")] },
    },
    // Off, because a file in the drive of a machine that runs is not replaced.
    "of-full": {
      kind: "DatastoreClone",
      args: { source: own(by.full), powerOn: false, cdroms: [{ iso: own(by.iso) }] },
    },
    group: { kind: "PortGroup", args: { virtualSwitch: "vSwitch0", ...said.group } },
    pool: { kind: "ResourcePool", args: said.pool },
    box: {
      kind: "ScratchVm",
      args: {
        ...said.box,
        name: own(said.box.name),
        disks: [{ size: 0.0625 }],
        networkInterfaces: [{ network: own("$group.name") }],
        resourcePool: own(by.pool),
      },
      options: { dependsOn: [own("$pool")] },
    },
  };
  return Object.fromEntries(Object.entries(resources).map(([name, resource]) => [own(name), resource]));
};

/** What somebody does on the host before a run that looks. */
const drift = fc.constantFrom("nothing", "nothing", "annotation", "power");

const PREFIXES = ["a", "b", "c"] as const;
const ROUNDS = 2;
const ofEach = <T>(arbitrary: fc.Arbitrary<T>) => fc.tuple(arbitrary, arbitrary, arbitrary);
const lives = fc.sample(
  // Else the first draws are nearly alike.
  fc.noBias(
    fc.record({
      by: ofEach(links),
      first: ofEach(settings),
      rounds: fc.array(
        // In some rounds nothing happens on the host, and the run does not look.
        fc.record({
          said: ofEach(settings),
          drift: fc.oneof(fc.constant(undefined), ofEach(drift)),
        }),
        { minLength: ROUNDS, maxLength: ROUNDS },
      ),
    }),
  ),
  draws(1),
);

describe.each(lives.map((life, index) => [index + 1, life] as const))("random programs %i", (_, life) => {
  const datastores = twoDatastores(100 * GIB);
  const lab = sharedLab({ simulator: { datastores } });
  const parts = PREFIXES.map((prefix, index) => ({ prefix, by: life.by[index] as Links }));
  const whole = (said: readonly Settings[]) =>
    Object.assign({}, ...parts.map((part, index) => program(part, said[index] as Settings)));
  const machines = PREFIXES.flatMap((prefix) => MACHINES.map((name) => `${prefix}-${name}`));

  test("do in up what their preview says, whatever changes", { timeout: 900_000 }, async (context) => {
    const own = await lab(context);
    const { host, project } = own;
    await project.write("one.iso", "one");
    await project.write("two.iso", "two");
    await declareResources(own, whole(life.first));
    succeeded(await project.up());
    for (const [round, { said, drift: happens }] of life.rounds.entries()) {
      const before = await identities(own, machines);
      for (const [index, prefix] of PREFIXES.entries())
        await drifted(own, `${prefix}-box`, happens?.[index] ?? "nothing");
      const args = happens === undefined ? [] : ["--refresh"];
      await declareResources(own, whole(said));
      const told = succeeded(await project.start("preview", { args }).result);
      const done = succeeded(await project.start("up", { args }).result);
      const where = `round ${round + 1}: ${JSON.stringify({ ...life, rounds: life.rounds.slice(0, round + 1) })}`;
      expect(replacing(told.steps), where).toEqual(replacing(done.steps));
      expect(told.steps, where).toEqual(done.steps);
      const after = await identities(own, machines);
      const replaced = machines.filter((name) => after.get(name) !== before.get(name));
      expect(replaced, where).toEqual(machines.filter((name) => replacing(told.steps).includes(name)));
    }
    expect(Object.keys(succeeded(await project.preview()).steps)).toEqual(["same"]);
    succeeded(await project.destroy());
    await host.expectEmpty();
  });
});

/** Instance UUIDs of the machines that the raw host has, by the resource that state has for each. */
async function identities(
  { host, project }: Lab,
  machines: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const there = new Set(host.simulator.vms().map(({ instanceUuid }) => instanceUuid));
  const state = await project.vmsInState();
  return new Map(
    machines.map((name) => {
      const id = state.get(name)?.id ?? "";
      expect(there, name).toContain(id);
      return [name, id];
    }),
  );
}

async function drifted({ host, project }: Lab, name: string, what: string): Promise<void> {
  const { behindBack } = host.simulator;
  const id = (await project.vmsInState()).get(name)?.id;
  const { moid } = host.simulator.vms().find(({ instanceUuid }) => instanceUuid === id) ?? { moid: "" };
  if (what === "annotation") await behindBack.reconfigure(moid, { annotation: "somebody's" });
  if (what === "power") await behindBack.powerOff(moid);
}

const replacing = (steps: Readonly<Record<string, readonly string[]>>): readonly string[] =>
  Object.entries(steps)
    .flatMap(([op, names]) => (/replace/.test(op) ? names : []))
    .filter((name, index, all) => all.indexOf(name) === index)
    .sort();
