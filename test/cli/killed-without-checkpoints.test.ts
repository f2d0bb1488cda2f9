/**
 * Runs without checkpoints, killed when the host begins to work on a request that chance chooses: `up` with `esxi:takeBack`
 * ends with exactly what is declared. `RANDOM_TIMES=20 npm test -- killed-without` kills forty runs, `RANDOM_SEED=7` others.
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
