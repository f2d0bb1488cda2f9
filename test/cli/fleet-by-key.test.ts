import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { failed, type Lab, succeeded } from "../support/lab.ts";
import type { StateResource } from "../support/pulumi-project.ts";
import type { PulumiResult } from "../support/pulumi-run.ts";
import type { SimulatedHost } from "../support/simulated-host.ts";
import { tinyOva } from "../support/tiny-ova.ts";
import { declareClones } from "./clone-program.ts";
import { twoHosts, vmsOn } from "./two-hosts.ts";

const SOURCE = { ova: { ovaPath: tinyOva.path } };

/** `pulumi up` of the fleet `tp`. */
async function made(lab: Lab, fleet: Readonly<Record<string, unknown>>) {
  await declareClones(lab, { fleets: { tp: { source: SOURCE, ...fleet } } });
  return toldBy(await lab.project.up());
}

function toldBy(result: PulumiResult) {
  const { steps, diagnostics } = succeeded(result);
  return { steps, told: diagnostics.map(({ message }) => message) };
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

    await declareClones(lab, {
      fleets: {
        tp: {
          source: SOURCE,
          keys: ["alice", "bob", "dora", "emil", "zoe"],
          places: ["lab1", { host: "lab2", mode: "closed" }],
        },
      },
    });
    const previewed = toldBy(await project.preview());
    await two.simulator.stop();
    const whileDown = toldBy(await project.up());
    for (const { steps, told } of [previewed, whileDown]) {
      expect(steps).toEqual({
        create: ["tp-zoe"],
        delete: ["tp-carl"],
        update: ["tp-placement"],
        same: ["tp-alice", ...bases, "tp-bob", "tp-dora", "tp-emil"],
      });
      expect(told).toContainEqual(expect.stringMatching(/^1 new: 1 to lab1 .*; 1 gone; 4 stay/));
    }
    const notAsked = expect.stringMatching(/^lab2 could not be asked/);
    expect(previewed.told).not.toContainEqual(notAsked);
    expect(whileDown.told).toContainEqual(notAsked);
    expect(vmsOn(one)).toEqual(["tp-alice", "tp-base-lab1", "tp-dora", "tp-zoe"]);

    await two.restart({});
    succeeded(await project.start("preview", { args: ["--expect-no-changes", "--refresh"] }).result);

    await declareClones(lab, {
      fleets: {
        tp: {
          source: SOURCE,
          keys: ["alice", "bob", "dora", "emil", "xia", "zoe"],
          settings: { memory: 100 * 1024 },
          places: [{ host: "lab1", maxMachines: 5 }, "lab2"],
        },
      },
    });
    for (const { simulator } of [one, two]) simulator.requests.clear();
    const full = failed(await project.preview());
    expect(full.output).toContain("places: 1 machine has no place (xia): lab1 has ");
    expect([changesOn(one), changesOn(two)]).toEqual([[], []]);
    await one.expectVms(
      ...["tp-alice", "tp-dora", "tp-zoe"].map((name) => `${name}: poweredOn`),
      "tp-base-lab1: poweredOff",
    );
    await two.expectVms("tp-base-lab2: poweredOff", "tp-bob: poweredOn", "tp-emil: poweredOn");
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

    // A placement that is made anew, and a base: only who is cloned from that base is made anew too, where it was.
    const fleet = "urn:pulumi:dev::lab::esxi:index:VmFleet$pulumi-nodejs:esxi:";
    const anew = [`${fleet}Placement::tp-placement`, `${fleet}OvaDeployment::tp-base-lab1`];
    const untouched = two.simulator.vms();
    two.simulator.requests.clear();
    const args = anew.flatMap((urn) => ["--replace", urn]);
    const replaced = succeeded(await project.start("up", { args }).result);
    expect(replaced.steps).toMatchObject({
      replace: ["tp-alice", "tp-base-lab1", "tp-placement"],
      same: ["tp-base-lab2", "tp-bob"],
    });
    expect(two.simulator.vms()).toEqual(untouched);
    expect(changesOn(two)).toEqual([]);
    expect(vmsOn(one)).toEqual(["tp-alice", "tp-base-lab1"]);

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
  const names: string[] = [];
  await project.editState((resources) =>
    resources.map((resource) => {
      const name = resource.urn.split("::").at(-1) ?? "";
      const before = earlier[name];
      if (before === undefined) return resource;
      names.push(name);
      return { ...resource, ...putBack("inputs", resource, before), ...putBack("outputs", resource, before) };
    }),
  );
  expect(names.sort()).toEqual(Object.keys(earlier).sort());
}

type StateParts = Pick<StateResource, "inputs" | "outputs">;

function putBack(part: keyof StateParts, now: StateParts, before: StateParts): StateParts {
  const chosen = Object.entries(now[part] ?? {}).filter(([key]) => OF_THE_HOST.includes(key));
  return { [part]: { ...before[part], ...Object.fromEntries(chosen) } };
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
