import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Lab, sharedLab, succeeded } from "../support/lab.ts";
import { SimulatedHost } from "../support/simulated-host.ts";
import { tinyOva } from "../support/tiny-ova.ts";
import { declareClones, numbered } from "./clone-program.ts";
import { vmsOn } from "./two-hosts.ts";

const LIMIT = { timeout: 120_000 };

/** Each test goes on where the one before it ended: one stack has a fleet over datastores and one over hosts. */
describe("a fleet", LIMIT, () => {
  const datastores = ["ssd", "hdd"].map((name) => ({ name, capacityBytes: 1024 ** 4 }));
  const shared = sharedLab({ simulator: { datastores } });
  let others: readonly SimulatedHost[] = [];
  beforeAll(async () => {
    others = await Promise.all([SimulatedHost.start(), SimulatedHost.start()]);
  });
  afterAll(() => Promise.all(others.map((host) => host.stop())));

  const source = { ova: { ovaPath: tinyOva.path } };
  const bases = ["student-base-hdd", "student-base-ssd"];
  /** `pulumi up` with so many machines on the two datastores. */
  const made = async (lab: Lab, count: number) => {
    const hosts = datastores.map(({ name }) => ({ datastore: name }));
    const student = { source, hosts, namePattern: "vm %d", count };
    const pc = { source, count: 5, mode: "linked", hosts: ["lab1", "lab2"] };
    await declareClones(lab, { fleets: { student, pc } });
    return succeeded(await lab.project.up()).steps;
  };

  test("goes round several hosts, and costs one upload on each", async (context) => {
    const lab = await shared(context);
    const [one, two] = others as [SimulatedHost, SimulatedHost];
    await lab.project.useHosts({ lab1: one, lab2: two });
    expect(await made(lab, 3)).toEqual({
      create: [
        ...[...numbered(5, "pc-"), "pc-base-lab1", "pc-base-lab2", "pc-placement"],
        ...["student-1", "student-2", "student-3", ...bases, "student-placement"],
      ],
    });
    expect([vmsOn(one), vmsOn(two)]).toEqual([
      ["pc-1", "pc-3", "pc-5", "pc-base-lab1"],
      ["pc-2", "pc-4", "pc-base-lab2"],
    ]);
    expect([one.count("nfc"), two.count("nfc")]).toEqual([1, 1]);
    for (const [host, name] of [
      [one, "pc-5"],
      [two, "pc-4"],
    ] as const)
      expect(await host.rawDisk(name)).toBe(tinyOva.rawSha256);
  });

  test("makes its base once per datastore, and grows", async (context) => {
    const lab = await shared(context);
    const { host } = lab;
    expect(host.count("nfc")).toBe(2);
    expect(await made(lab, 4)).toEqual({
      create: ["student-4"],
      update: ["student-placement"],
      same: [
        ...[...numbered(5, "pc-"), "pc-base-lab1", "pc-base-lab2", "pc-placement"],
        ...["student-1", "student-2", "student-3", ...bases],
      ],
    });
    expect(host.count("nfc")).toBe(2);
    const placed = numbered(4, "vm ").map((name) => host.vm(name).vmxPath.split(" ")[0]);
    expect(placed).toEqual(["[ssd]", "[hdd]", "[ssd]", "[hdd]"]);
    for (const name of numbered(4, "vm ")) expect(await host.rawDisk(name)).toBe(tinyOva.rawSha256);
    await host.expectVms(
      ...bases.map((name) => `${name}: poweredOff`),
      ...numbered(4, "vm ").map((name) => `${name}: poweredOn`),
    );
  });

  test("goes without a trace", async (context) => {
    const { host, project } = await shared(context);
    succeeded(await project.destroy());
    for (const each of [host, ...others]) await each.expectEmpty();
  });
});
