/**
 * Programs as chance chooses them, changed as chance chooses: a preview announces what `up` then does, no replacement more and
 * none less, and the raw host has the machines that were to stay.
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

const program = (by: Links, said: Settings) => ({
  golden: {
    kind: "OvaDeployment",
    args: { ovaPath: tinyOva.path, datastore: "datastore1", powerOn: false, ...said.golden },
  },
  linked: {
    kind: "DatastoreClone",
    args: { source: by.golden, mode: "linked", powerOn: false, ...said.linked },
  },
  full: { kind: "DatastoreClone", args: { source: by.golden, powerOn: false, ...said.full } },
  snapshot: { kind: "VmSnapshot", args: { vm: by.full, ...said.snapshot } },
  folder: { kind: "DatastoreFolder", args: { path: "iso", datastore: "datastore1", ...said.folder } },
  file: {
    kind: "DatastoreFile",
    args: { path: "iso/seed.iso", datastore: "datastore1", ...said.file },
    options: { dependsOn: ["$folder"] },
  },
  // Off, because a file in the drive of a machine that runs is not replaced.
  "of-full": { kind: "DatastoreClone", args: { source: by.full, powerOn: false, cdroms: [{ iso: by.iso }] } },
  group: { kind: "PortGroup", args: { virtualSwitch: "vSwitch0", ...said.group } },
  pool: { kind: "ResourcePool", args: said.pool },
  box: {
    kind: "ScratchVm",
    args: {
      ...said.box,
      disks: [{ size: 0.0625 }],
      networkInterfaces: [{ network: "$group.name" }],
      resourcePool: by.pool,
    },
    options: { dependsOn: ["$pool"] },
  },
});

/** What somebody does on the host before a run that looks. */
const drift = fc.constantFrom("nothing", "nothing", "annotation", "power");

const RUNS = draws(1);
const ROUNDS = 5;
const lives = fc.sample(
  // Else the first draws are nearly alike.
  fc.noBias(
    fc.record({
      by: links,
      first: settings,
      rounds: fc.array(fc.record({ said: settings, drift }), { minLength: ROUNDS, maxLength: ROUNDS }),
    }),
  ),
  RUNS,
);

describe.each(lives.map((life, index) => [index + 1, life] as const))("random program %i", (_, life) => {
  const datastores = twoDatastores(100 * GIB);
  const lab = sharedLab({ simulator: { datastores } });

  test("does in up what its preview says, whatever changes", { timeout: 900_000 }, async (context) => {
    const own = await lab(context);
    const { host, project } = own;
    await project.write("one.iso", "one");
    await project.write("two.iso", "two");
    await declareResources(own, program(life.by, life.first));
    succeeded(await project.up());
    for (const [round, { said, drift: what }] of life.rounds.entries()) {
      const before = await identities(own);
      await drifted(own, what);
      const args = what === "nothing" ? [] : ["--refresh"];
      await declareResources(own, program(life.by, said));
      const told = succeeded(await project.start("preview", { args }).result);
      const done = succeeded(await project.start("up", { args }).result);
      const where = `round ${round + 1}: ${JSON.stringify({ ...life, rounds: life.rounds.slice(0, round + 1) })}`;
      expect(replacing(told.steps), where).toEqual(replacing(done.steps));
      expect(told.steps, where).toEqual(done.steps);
      const after = await identities(own);
      const replaced = MACHINES.filter((name) => after.get(name) !== before.get(name));
      expect(replaced, where).toEqual(MACHINES.filter((name) => replacing(told.steps).includes(name)));
    }
    expect(Object.keys(succeeded(await project.preview()).steps)).toEqual(["same"]);
    succeeded(await project.destroy());
    await host.expectEmpty();
  });
});

/** Instance UUIDs of the machines that the raw host has, by the resource that state has for each. */
async function identities({ host, project }: Lab): Promise<ReadonlyMap<string, string>> {
  const there = new Set(host.simulator.vms().map(({ instanceUuid }) => instanceUuid));
  const state = await project.vmsInState();
  return new Map(
    MACHINES.map((name) => {
      const id = state.get(name)?.id ?? "";
      expect(there, name).toContain(id);
      return [name, id];
    }),
  );
}

async function drifted({ host, project }: Lab, what: string): Promise<void> {
  const { behindBack } = host.simulator;
  const id = (await project.vmsInState()).get("box")?.id;
  const { moid } = host.simulator.vms().find(({ instanceUuid }) => instanceUuid === id) ?? { moid: "" };
  if (what === "annotation") await behindBack.reconfigure(moid, { annotation: "somebody's" });
  if (what === "power") await behindBack.powerOff(moid);
}

const replacing = (steps: Readonly<Record<string, readonly string[]>>): readonly string[] =>
  Object.entries(steps)
    .flatMap(([op, names]) => (/replace/.test(op) ? names : []))
    .filter((name, index, all) => all.indexOf(name) === index)
    .sort();
