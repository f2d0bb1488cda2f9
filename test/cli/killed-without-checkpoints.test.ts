/**
 * Runs without checkpoints, killed when the host begins to work on a request that chance chooses: `up` with `esxi:takeBack`
 * ends with exactly what is declared, and a destroy with nothing. `RANDOM_TIMES=20 npm test -- killed-without` kills eighty
 * runs, `RANDOM_SEED=7` others. `test/provider/resources/killed-runs/` kills many more, without the CLI.
 */
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

/** Kills that run when the host begins with its request of that number. False if it has ended by then. */
async function killed({ host }: Lab, run: PulumiRun, request: number, whole: boolean): Promise<boolean> {
  let isKilled = false;
  host.simulator.faults.add({
    after: request,
    count: 1,
    action: "continue",
    onWork: (moment) => {
      if (moment !== "before") return;
      isKilled = true;
      if (whole) run.killAll();
      else run.kill();
    },
  });
  await run.result;
  host.simulator.faults.clear();
  // A provider that was left alone ends what it does; the sessions of one that was killed are the host's to end.
  if (whole) host.simulator.expireSessions();
  await host.until(() => host.simulator.sessions().length === 0, "nobody is logged in any more");
  return isKilled;
}

test("a killed up is made good by the next, with nothing too many", {
  timeout: 3_600_000,
}, async (context) => {
  const lab = await openLab(context, { simulator: { leaseTimeoutSeconds: 2 } });
  const { host, project } = lab;
  await project.setConfig({ "esxi:takeBack": "true" });
  await project.write("seed.txt", "the seed");
  await declareResources(lab, DECLARED);
  succeeded(await up(lab).result);
  await host.until(() => host.simulator.sessions().length === 0, "nobody is logged in any more");
  const requests = host.simulator.requests.entries().length;
  const wanted = await onHost(lab);
  const destroy = async () => {
    succeeded(await project.start("destroy", { env: WITHOUT_CHECKPOINTS }).result);
    await host.expectEmpty();
  };
  await destroy();
  const moment = fc.record({ request: fc.integer({ min: 5, max: requests - 5 }), whole: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(moment, async ({ request, whole }) => {
      host.simulator.requests.clear();
      if (await killed(lab, up(lab), request, whole)) await project.must(["cancel", "--yes"]);
      succeeded(await up(lab).result);
      await host.until(() => host.simulator.sessions().length === 0, "nobody is logged in any more");
      expect(await onHost(lab)).toEqual(wanted);
      succeeded(await project.start("preview", { args: ["--expect-no-changes"] }).result);
      await destroy();
    }),
    { ...draws(2), endOnFailure: true },
  );
});

test("a killed change and a killed destroy are made good by the next", {
  timeout: 3_600_000,
}, async (context) => {
  const lab = await openLab(context, { simulator: { leaseTimeoutSeconds: 2 } });
  const { host, project } = lab;
  await project.setConfig({ "esxi:takeBack": "true" });
  await project.write("seed.txt", "the seed");
  const destroy = () => project.start("destroy", { env: WITHOUT_CHECKPOINTS });
  /** Runs to the end, and says how many requests that took. */
  const whole = async (run: () => PulumiRun) => {
    host.simulator.requests.clear();
    succeeded(await run().result);
    await host.until(() => host.simulator.sessions().length === 0, "nobody is logged in any more");
    return host.simulator.requests.entries().length;
  };
  const upTo = async (program: Parameters<typeof declareResources>[1]) => {
    await declareResources(lab, program);
    return whole(() => up(lab));
  };
  await upTo(DECLARED);
  const changes = await upTo(CHANGED);
  const wanted = await onHost(lab);
  const deletions = await whole(destroy);
  await host.expectEmpty();
  const kill = (requests: number) =>
    fc.record({ request: fc.integer({ min: 5, max: requests - 5 }), group: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(kill(changes), kill(deletions), async (change, end) => {
      await upTo(DECLARED);
      await declareResources(lab, CHANGED);
      host.simulator.requests.clear();
      if (await killed(lab, up(lab), change.request, change.group)) await project.must(["cancel", "--yes"]);
      await upTo(CHANGED);
      expect(await onHost(lab)).toEqual(wanted);
      succeeded(await project.start("preview", { args: ["--expect-no-changes"] }).result);
      host.simulator.requests.clear();
      if (await killed(lab, destroy(), end.request, end.group)) await project.must(["cancel", "--yes"]);
      await whole(destroy);
      await host.expectEmpty();
    }),
    { ...draws(1), endOnFailure: true },
  );
});
