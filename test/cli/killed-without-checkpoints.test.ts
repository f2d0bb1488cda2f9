/**
 * Runs without checkpoints, killed when the host begins to work on a request that chance chooses: `up` with `esxi:takeBack`
 * ends with exactly what is declared, and a destroy with nothing. `RANDOM_TIMES=20 npm test -- killed-without` kills eighty
 * runs, `RANDOM_SEED=7` others. `test/provider/resources/killed-runs/` kills many more, without the CLI.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { draws } from "../support/draws.ts";
import { type Lab, openLab, succeeded } from "../support/lab.ts";
import { withoutOwnMarks } from "../support/own-marks.ts";
import type { PulumiRun } from "../support/pulumi-run.ts";
import { tinyOva } from "../support/tiny-ova.ts";
import { declareResources } from "./declared-program.ts";
import { asked, networkOf } from "./raw-host.ts";

const WITHOUT_CHECKPOINTS = { PULUMI_EXPERIMENTAL: "true", PULUMI_SKIP_CHECKPOINTS: "true" };

const STACK = {
  isolated: { kind: "VirtualSwitch", args: { mtu: 9000 } },
  lan: { kind: "PortGroup", args: { virtualSwitch: "$isolated.name", vlanId: 5 } },
  pool: { kind: "ResourcePool", args: { memoryLimit: 4096 } },
  ssh: { kind: "HostService", args: { service: "TSM-SSH", running: true } },
  folder: { kind: "DatastoreFolder", args: { path: "shelf" } },
  seed: {
    kind: "DatastoreFile",
    args: { path: "shelf/seed.txt", source: "seed.txt" },
    options: { dependsOn: ["$folder"] },
  },
  base: {
    kind: "OvaDeployment",
    args: { ovaPath: tinyOva.path, powerOn: false, resourcePool: "$pool.name" },
  },
  clean: { kind: "VmSnapshot", args: { vm: "$scratch", description: "before the course" } },
  linked: { kind: "DatastoreClone", args: { source: "$base", mode: "linked", powerOn: false } },
  full: { kind: "DatastoreClone", args: { source: "$base", mode: "full" } },
};
/** Made before what is made of it: a name in the program refers to what stands above. */
const { clean, ...others } = STACK;
const scratch = {
  kind: "ScratchVm",
  args: { powerOn: "once", networkInterfaces: [{ network: "$lan.name" }] },
};
const DECLARED = { ...others, scratch, clean };

/** What is changed in place, by a power cycle, by a replacement with all that is made of it; what goes and what comes. */
const { ssh: _, ...STAYING } = DECLARED;
const CHANGED = {
  ...STAYING,
  lan: { kind: "PortGroup", args: { virtualSwitch: "$isolated.name", vlanId: 7 } },
  pool: { kind: "ResourcePool", args: { memoryLimit: 2048 } },
  base: {
    kind: "OvaDeployment",
    args: { ...STACK.base.args, diskProvisioning: "thick" },
  },
  scratch: { ...scratch, args: { ...scratch.args, memory: 128 } },
  clean: { ...clean, args: { ...clean.args, description: "before the exam" } },
  coming: { kind: "ScratchVm", args: { powerOn: false } },
};

const up = (lab: Lab): PulumiRun => lab.project.start("up", { env: WITHOUT_CHECKPOINTS });

/** All that the raw host has, but for what differs each time: sessions, logs, and a swap file's name. */
async function onHost(lab: Lab) {
  const { vms, files } = await lab.host.contents();
  const services = await asked(lab, (client) =>
    client.read("HostServiceSystem:serviceSystem", "serviceInfo"),
  );
  return {
    vms,
    files: withoutOwnMarks(files)
      .filter((file) => !/\.(log|vswp|nvram)$/.test(file))
      .map((file) => file.replace(/(ResourcePool-)\w+/, "$1…"))
      .sort(),
    network: await networkOf(lab),
    ssh: /<key>TSM-SSH<\/key>.*?<running>(\w+)<\/running>/s.exec(services)?.[1],
  };
}

interface Kill {
  readonly request: number;
  readonly group: boolean;
}

const killWithin = (requests: number): fc.Arbitrary<Kill> =>
  fc.record({ request: fc.integer({ min: 5, max: requests - 5 }), group: fc.boolean() });

/** Takes away the lock that a killed run has left, as `pulumi cancel` does. */
const unlock = ({ project }: Lab): Promise<void> =>
  rm(join(project.backend, ".pulumi/locks"), { recursive: true, force: true });

/** Kills that run when the host begins with its request of that number. False if it has ended by then. */
async function killed({ host }: Lab, run: PulumiRun, request: number, group: boolean): Promise<boolean> {
  let isKilled = false;
  host.simulator.faults.add({
    after: request,
    count: 1,
    action: "continue",
    onWork: (moment) => {
      if (moment !== "before") return;
      isKilled = true;
      if (group) run.killAll();
      else run.kill();
    },
  });
  await run.result;
  host.simulator.faults.clear();
  // A provider that was left alone ends what it does; the sessions of one that was killed are the host's to end.
  if (group) host.simulator.expireSessions();
  await host.until(() => host.simulator.sessions().length === 0, "nobody is logged in any more");
  return isKilled;
}

/** Runs to the end, and says how many requests that took. */
async function whole({ host }: Lab, run: () => PulumiRun): Promise<number> {
  host.simulator.requests.clear();
  succeeded(await run().result);
  await host.until(() => host.simulator.sessions().length === 0, "nobody is logged in any more");
  return host.simulator.requests.entries().length;
}

test("a killed up, a killed change and a killed destroy are made good by the next, with nothing too many", {
  timeout: 3_600_000,
}, async (context) => {
  const lab = await openLab(context, { simulator: { leaseTimeoutSeconds: 2 } });
  const { host, project } = lab;
  await project.setConfig({ "esxi:takeBack": "true" });
  await project.write("seed.txt", "the seed");
  const destroy = () => project.start("destroy", { env: WITHOUT_CHECKPOINTS });
  const upTo = async (program: Parameters<typeof declareResources>[1]) => {
    await declareResources(lab, program);
    const requests = await whole(lab, () => up(lab));
    return { requests, made: await onHost(lab) };
  };
  const killedAt = async (run: () => PulumiRun, { request, group }: Kill) => {
    host.simulator.requests.clear();
    if (await killed(lab, run(), request, group)) await unlock(lab);
  };

  const declared = await upTo(DECLARED);
  const changed = await upTo(CHANGED);
  const deletions = await whole(lab, destroy);
  await host.expectEmpty();
  const kills = fc.record({
    creation: killWithin(declared.requests),
    // What makes a killed one good is killed itself.
    again: killWithin(declared.requests),
    change: killWithin(changed.requests),
    deletion: killWithin(deletions),
  });
  await fc.assert(
    fc.asyncProperty(kills, async ({ creation, again, change, deletion }) => {
      await declareResources(lab, DECLARED);
      await killedAt(() => up(lab), creation);
      await killedAt(() => up(lab), again);
      expect((await upTo(DECLARED)).made).toEqual(declared.made);
      await declareResources(lab, CHANGED);
      await killedAt(() => up(lab), change);
      expect((await upTo(CHANGED)).made).toEqual(changed.made);
      succeeded(await project.start("preview", { args: ["--expect-no-changes"] }).result);
      await killedAt(destroy, deletion);
      await whole(lab, destroy);
      await host.expectEmpty();
    }),
    { ...draws(1), endOnFailure: true },
  );
});
