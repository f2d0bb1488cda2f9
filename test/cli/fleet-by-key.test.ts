import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { failed, type Lab, succeeded } from "../support/lab.ts";
import type { SimulatedHost } from "../support/simulated-host.ts";
import { tinyOva } from "../support/tiny-ova.ts";
import { declareClones } from "./clone-program.ts";
import { twoHosts, vmsOn } from "./two-hosts.ts";

const SOURCE = { ova: { ovaPath: tinyOva.path } };

/** `pulumi preview` and `up` of the fleet `tp`; both must say the same. */
async function made(lab: Lab, fleet: Readonly<Record<string, unknown>>) {
  await declareClones(lab, { fleets: { tp: { source: SOURCE, ...fleet } } });
  const preview = succeeded(await lab.project.preview());
  const { steps } = succeeded(await lab.project.up());
  expect(steps).toEqual(preview.steps);
  return { steps, told: preview.diagnostics.map(({ message }) => message) };
}

describe("a fleet by key", { timeout: 300_000 }, () => {
  test("changes exactly the machines of those who come and go, whatever hosts come and go", async (context) => {
    const lab = await twoHosts(context);
    const { host: one, second: two, project } = lab;
    const bases = ["tp-base-lab1", "tp-base-lab2"];
    const first = await made(lab, { keys: ["dora", "alice", "carl"], places: ["lab1"] });
    expect(first.steps).toEqual({ create: ["tp-alice", "tp-base-lab1", "tp-carl", "tp-dora"] });

    const grown = await made(lab, {
      keys: ["alice", "carl", "dora", "bob", "emil"],
      places: ["lab1", "lab2"],
    });
    expect(grown.steps).toEqual({
      create: ["tp-base-lab2", "tp-bob", "tp-emil", "tp-placement"],
      same: ["tp-alice", "tp-base-lab1", "tp-carl", "tp-dora"],
    });
    expect(vmsOn(one)).toEqual(["tp-alice", "tp-base-lab1", "tp-carl", "tp-dora"]);
    expect(vmsOn(two)).toEqual(["tp-base-lab2", "tp-bob", "tp-emil"]);

    const changed = await made(lab, {
      keys: ["alice", "bob", "dora", "emil", "zoe"],
      places: ["lab1", { host: "lab2", mode: "closed" }],
    });
    expect(changed.steps).toEqual({
      create: ["tp-zoe"],
      delete: ["tp-carl"],
      update: ["tp-placement"],
      same: ["tp-alice", ...bases, "tp-bob", "tp-dora", "tp-emil"],
    });
    expect(changed.told).toContainEqual(expect.stringMatching(/^1 new: 1 to lab1 .*; 1 gone; 4 stay/));
    expect(vmsOn(one)).toEqual(["tp-alice", "tp-base-lab1", "tp-dora", "tp-zoe"]);
    for (const args of [["--expect-no-changes"], ["--expect-no-changes", "--refresh"]])
      succeeded(await project.start("preview", { args }).result);

    await two.simulator.stop();
    const whileDown = await made(lab, {
      keys: ["alice", "bob", "dora", "emil", "yan", "zoe"],
      places: ["lab1", { host: "lab2", mode: "closed" }],
    });
    expect(whileDown.steps).toMatchObject({ create: ["tp-yan"], update: ["tp-placement"] });
    expect(whileDown.told).toContainEqual(expect.stringMatching(/^lab2 could not be asked/));
    await declareClones(lab, {
      fleets: { tp: { source: SOURCE, keys: ["alice", "new"], places: ["lab1", "lab2"] } },
    });
    expect(failed(await project.preview()).output).toContain("1 machine needs a place");
    await two.restart({});

    await declareClones(lab, {
      fleets: {
        tp: {
          source: SOURCE,
          keys: ["alice", "bob", "dora", "emil", "xia", "yan", "zoe"],
          settings: { memory: 100 * 1024 },
          places: [{ host: "lab1", maxMachines: 5 }, "lab2"],
        },
      },
    });
    for (const { simulator } of [one, two]) simulator.requests.clear();
    const full = failed(await project.preview());
    expect(full.output).toContain("places: 1 machine has no place (xia): lab1 has ");
    expect([changesOn(one), changesOn(two)]).toEqual([[], []]);

    succeeded(await project.destroy());
    await one.expectEmpty();
    await two.expectEmpty();
  });

  test("takes over a fleet that an earlier release counted, and nobody moves", async (context) => {
    const lab = await twoHosts(context);
    const { host: one, second: two, project } = lab;
    const bases = ["tp-base-lab1", "tp-base-lab2"];
    await project.write("index.js", EARLIER_RELEASE);
    expect(succeeded(await project.up()).steps).toEqual({ create: ["tp-1", "tp-2", "tp-3", ...bases] });
    await asEarlierReleaseLeftIt(lab);

    const places = ["lab1", "lab2"];
    const counted = await made(lab, { count: 3, places });
    expect(counted.steps).toEqual({ create: ["tp-placement"], same: ["tp-1", "tp-2", "tp-3", ...bases] });

    const named = await made(lab, { keys: ["alice", "bob"], formerly: { alice: 3, bob: "2" }, places });
    expect(named.steps).toEqual({
      delete: ["tp-1"],
      update: ["tp-alice", "tp-bob", "tp-placement"],
      same: bases,
    });
    expect([vmsOn(one), vmsOn(two)]).toEqual([
      ["tp-alice", "tp-base-lab1"],
      ["tp-base-lab2", "tp-bob"],
    ]);

    const urn = "urn:pulumi:dev::lab::esxi:index:VmFleet$pulumi-nodejs:esxi:Placement::tp-placement";
    const replaced = succeeded(await project.start("up", { args: ["--replace", urn] }).result);
    expect(replaced.steps).toMatchObject({ same: ["tp-alice", ...bases, "tp-bob"] });

    const base = "urn:pulumi:dev::lab::esxi:index:VmFleet$pulumi-nodejs:esxi:OvaDeployment::tp-base-lab1";
    const untouched = two.simulator.vms();
    two.simulator.requests.clear();
    const anew = succeeded(await project.start("up", { args: ["--replace", base] }).result);
    expect(anew.steps).toMatchObject({
      replace: ["tp-alice", "tp-base-lab1"],
      same: ["tp-base-lab2", "tp-bob", "tp-placement"],
    });
    expect(two.simulator.vms()).toEqual(untouched);
    expect(changesOn(two)).toEqual([]);

    const left = await made(lab, {
      keys: ["alice"],
      machines: { bob: { allowReplace: true } },
      places: ["lab1", { host: "lab2", mode: "evacuate" }],
    });
    expect(left.steps).toMatchObject({ same: ["tp-alice", ...bases], update: ["tp-placement"] });
    expect([vmsOn(one), vmsOn(two)]).toEqual([["tp-alice", "tp-base-lab1", "tp-bob"], ["tp-base-lab2"]]);
    succeeded(await project.destroy());
    await one.expectEmpty();
    await two.expectEmpty();
  });
});

/** Puts what 9aea247 had in state in the place of what is there now, but for what the hosts have chosen. */
async function asEarlierReleaseLeftIt({ project }: Lab): Promise<void> {
  const file = new URL("states/fleet-9aea247.json", import.meta.url);
  const earlier = JSON.parse(await readFile(file, "utf8")) as Record<string, StateParts>;
  const exported = JSON.parse(await project.must(["stack", "export"])) as {
    deployment: { resources: ({ urn: string } & StateParts)[] };
  };
  const names = exported.deployment.resources.flatMap((resource) => {
    const name = resource.urn.split("::").at(-1) ?? "";
    const before = earlier[name];
    if (before === undefined) return [];
    for (const part of ["inputs", "outputs"] as const) {
      const chosen = Object.entries(resource[part]).filter(([key]) => OF_THE_HOST.includes(key));
      resource[part] = { ...before[part], ...Object.fromEntries(chosen) };
    }
    return [name];
  });
  expect(names.sort()).toEqual(Object.keys(earlier).sort());
  await project.must(["stack", "import"], JSON.stringify(exported));
}

interface StateParts {
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
}

/** What says which machine of which host a state means, and where the OVA was. */
const OF_THE_HOST = [
  ...["moid", "uuid", "instanceUuid", "vmxPath", "hostUuid", "macAddresses", "guestIpAddresses"],
  ...["defaultIpAddress", "clonedFrom", "source", "ovaPath", "ovaDigest", "__provider"],
];

/** What was asked of a host that changes something there. */
const changesOn = ({ simulator }: SimulatedHost): string[] =>
  simulator.requests
    .entries()
    .map(({ method }) => method)
    .filter((method) => method.endsWith("_Task") || method === "ImportVApp");

/** What the fleet of 9aea247 registered for three machines on two hosts. */
const EARLIER_RELEASE = `import * as pulumi from "@pulumi/pulumi";
import { DatastoreClone, OvaDeployment } from "pulumi-esxi-direct";
class VmFleet extends pulumi.ComponentResource {
  constructor(name) {
    super("esxi:index:VmFleet", name, {});
    const bases = ["lab1", "lab2"].map(
      (host) =>
        new OvaDeployment(
          name + "-base-" + host,
          { ovaPath: ${JSON.stringify(tinyOva.path)}, host, datastore: undefined, powerOn: false },
          { parent: this },
        ),
    );
    for (const index of [0, 1, 2]) {
      const [host, source] = [["lab1", "lab2"][index % 2], bases[index % 2]];
      const args = { host, name: name + "-" + (index + 1), source, mode: "linked" };
      new DatastoreClone(name + "-" + (index + 1), args, { parent: this });
    }
  }
}
new VmFleet("tp");
`;
