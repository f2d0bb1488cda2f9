/** Runs of fleets over two hosts that are narrowed, killed, or beside one another. */
import { describe, expect, test } from "vitest";
import { failed, succeeded } from "../support/lab.ts";
import { need } from "../support/prerequisites.ts";
import { PulumiProject } from "../support/pulumi-project.ts";
import { tinyOva } from "../support/tiny-ova.ts";
import { declareClones } from "./clone-program.ts";
import { sharedTwoHosts, twoHosts, vmsOn } from "./two-hosts.ts";

const LIMIT = { timeout: 300_000 };
const SETTINGS = {
  source: { ova: { ovaPath: tinyOva.path } },
  places: ["lab1", "lab2"],
  placement: { by: "count" },
  settings: { powerOn: false },
};

const fleet = (name: string, keys: readonly string[], further = {}) => ({
  fleets: { [name]: { ...SETTINGS, keys, ...further } },
});

/** The second test goes on where the first ended. */
describe("a run of a fleet", LIMIT, () => {
  const shared = sharedTwoHosts();
  const keys = ["alice", "bob", "carl", "dora"];

  test("after a kill between the plan and the machines leaves everybody where the plan said", async (context) => {
    const lab = await shared(context);
    const { host: one, second: two, project } = lab;
    for (const { simulator } of [one, two])
      simulator.faults.add({ method: "CreateImportSpec", count: 1, action: "hang" });
    await declareClones(lab, fleet("tp", keys));
    const run = project.start("up");
    const isAsked = () => [one, two].every((host) => host.count("CreateImportSpec") > 0);
    const isPlanned = async () => (await project.vmsInState()).has("tp-placement");
    await expect.poll(async () => isAsked() && (await isPlanned()), { timeout: 60_000 }).toBe(true);
    run.killAll();
    failed(await run.result);
    await project.must(["cancel", "--yes"]);
    expect([...(await project.vmsInState()).keys()]).toEqual(["tp-placement"]);
    const planned = (await project.vmsInState()).get("tp-placement")?.outputs?.assigned;
    expect(planned).toBe('{"lab1":["alice","carl"],"lab2":["bob","dora"]}');

    // Without "alice" a plan made anew would be another one.
    await declareClones(lab, fleet("tp", keys.slice(1)));
    succeeded(await project.up());
    expect([vmsOn(one), vmsOn(two)]).toEqual([
      ["tp-base-lab1", "tp-carl"],
      ["tp-base-lab2", "tp-bob", "tp-dora"],
    ]);
    for (const { simulator } of [one, two]) simulator.expireSessions();
    await one.expectVms("tp-base-lab1: poweredOff", "tp-carl: poweredOff");
    await two.expectVms("tp-base-lab2: poweredOff", "tp-bob: poweredOff", "tp-dora: poweredOff");
  });

  test("--target of a newcomer names the placement too, and touches nobody else", async (context) => {
    const lab = await shared(context);
    const { host: one, second: two, project } = lab;
    await declareClones(lab, fleet("tp", [...keys.slice(1), "zed"]));
    const target = (...names: string[]) =>
      project.start("up", { args: names.flatMap((name) => ["--target", `**::${name}`]) }).result;
    expect(failed(await target("tp-zed")).output).toContain(
      'Placement "tp-placement" has no place for "zed". If "zed" is new in the program, `pulumi up --target` left this',
    );
    expect([vmsOn(one), vmsOn(two)].flat()).not.toContain("tp-zed");

    const { steps } = succeeded(await target("tp-zed", "tp-placement"));
    expect(steps).toMatchObject({ create: ["tp-zed"], update: ["tp-placement"] });
    expect([vmsOn(one), vmsOn(two)]).toEqual([
      ["tp-base-lab1", "tp-carl", "tp-zed"],
      ["tp-base-lab2", "tp-bob", "tp-dora"],
    ]);
    succeeded(await project.start("preview", { args: ["--expect-no-changes"] }).result);
  });
});

test(
  "of two stacks at once on the same hosts each has its own machines, and each name one owner",
  LIMIT,
  async (context) => {
    const lab = await twoHosts(context);
    const { host: one, second: two } = lab;
    const other = await PulumiProject.make(await need(context, "TEST_PULUMI_BIN"));
    context.onTestFinished(() => other.remove());
    await other.useHosts({ lab1: one, lab2: two });
    const labs = [lab, { ...lab, project: other }];
    const [mine = lab, theirs = lab] = labs;
    const limited = { places: ["lab1", "lab2"].map((host) => ({ host, maxMachines: 3 })) };
    await declareClones(mine, fleet("tp", ["a", "b", "c", "d", "e"], limited));
    await declareClones(theirs, fleet("tq", ["a", "b", "c", "d", "e"], limited));
    for (const result of await Promise.all(labs.map(({ project }) => project.up()))) succeeded(result);
    for (const host of [one, two]) {
      for (const name of ["tp", "tq"]) {
        const here = vmsOn(host).filter((vm) => vm.startsWith(`${name}-`) && !vm.includes("base"));
        expect([2, 3]).toContain(here.length);
      }
    }

    // Both ask for the same names: whoever comes second leaves what is there alone.
    await declareClones(mine, fleet("tp", ["a", "x", "y"], { namePattern: "desk-%s" }));
    await declareClones(theirs, fleet("tq", ["b", "x", "y"], { namePattern: "desk-%s" }));
    const both = await Promise.all(labs.map(({ project }) => project.up()));
    for (const { code, output } of both) if (code !== 0) expect(output).toContain("it is left alone");
    const uuids = await Promise.all(
      labs.map(async ({ project }) =>
        [...(await project.vmsInState()).values()].flatMap(({ type, id = "" }) =>
          type.endsWith("DatastoreClone") ? [id] : [],
        ),
      ),
    );
    const machines = [one, two].flatMap(({ simulator }) =>
      simulator.vms().filter(({ name }) => !name.includes("-base-")),
    );
    expect(uuids.flat().sort()).toEqual(machines.map(({ instanceUuid }) => instanceUuid).sort());
    for (const host of [one, two]) {
      const names = vmsOn(host);
      expect(names).toEqual([...new Set(names)]);
    }

    succeeded(await mine.project.destroy());
    const left = [one, two].flatMap((host) => host.simulator.vms().map(({ instanceUuid }) => instanceUuid));
    expect(left).toEqual(expect.arrayContaining(uuids[1] ?? []));
    // Theirs, and the base that they have on each host.
    expect(left).toHaveLength((uuids[1]?.length ?? 0) + 2);
    for (const host of [one, two]) await host.expectVms(...vmsOn(host).map((name) => `${name}: poweredOff`));
  },
);
