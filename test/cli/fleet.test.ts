import { describe, expect, test } from "vitest";
import { openLab, succeeded } from "../support/lab.ts";
import { SimulatedHost } from "../support/simulated-host.ts";
import { tinyOva } from "../support/tiny-ova.ts";
import { declareClones, numbered } from "./clone-program.ts";

const LIMIT = { timeout: 120_000 };

describe("a fleet", LIMIT, () => {
  test("makes its base once per datastore, grows, and goes without a trace", async (context) => {
    const datastores = ["ssd", "hdd"].map((name) => ({ name, capacityBytes: 1024 ** 4 }));
    const { host, project } = await openLab(context, { simulator: { datastores } });
    const fleet = {
      source: { ova: { ovaPath: tinyOva.path } },
      hosts: datastores.map(({ name }) => ({ datastore: name })),
      namePattern: "vm %d",
    };
    const made = async (count: number) => {
      await declareClones({ host, project }, { fleets: { student: { ...fleet, count } } });
      return succeeded(await project.up()).steps;
    };
    const bases = ["student-base-hdd", "student-base-ssd"];
    expect(await made(3)).toEqual({
      create: ["student-1", "student-2", "student-3", ...bases, "student-placement"],
    });
    expect(host.count("nfc")).toBe(2);
    expect(await made(4)).toEqual({
      same: ["student-1", "student-2", "student-3", ...bases],
      create: ["student-4"],
      update: ["student-placement"],
    });
    expect(host.count("nfc")).toBe(2);
    const placed = numbered(4, "vm ").map((name) => host.vm(name).vmxPath.split(" ")[0]);
    expect(placed).toEqual(["[ssd]", "[hdd]", "[ssd]", "[hdd]"]);
    for (const name of numbered(4, "vm ")) expect(await host.rawDisk(name)).toBe(tinyOva.rawSha256);
    await host.expectVms(
      ...bases.map((name) => `${name}: poweredOff`),
      ...numbered(4, "vm ").map((name) => `${name}: poweredOn`),
    );
    succeeded(await project.destroy());
    await host.expectEmpty();
  });

  test("goes round several hosts, costs one upload on each, and leaves all of them empty", async (context) => {
    const { host: one, project } = await openLab(context);
    const two = await SimulatedHost.start();
    context.onTestFinished(() => two.stop());
    await project.useHosts({ lab1: one, lab2: two });
    const source = { ova: { ovaPath: tinyOva.path } };
    await declareClones(
      { host: one, project },
      { fleets: { student: { source, count: 5, mode: "linked", hosts: ["lab1", "lab2"] } } },
    );
    const bases = ["student-base-lab1", "student-base-lab2"];
    expect(succeeded(await project.up()).steps).toEqual({
      create: [...numbered(5, "student-"), ...bases, "student-placement"],
    });
    const vms = (host: SimulatedHost) =>
      host.simulator
        .vms()
        .map(({ name }) => name)
        .sort();
    expect([vms(one), vms(two)]).toEqual([
      ["student-1", "student-3", "student-5", "student-base-lab1"],
      ["student-2", "student-4", "student-base-lab2"],
    ]);
    expect([one.count("nfc"), two.count("nfc")]).toEqual([1, 1]);
    for (const [host, name] of [
      [one, "student-5"],
      [two, "student-4"],
    ] as const)
      expect(await host.rawDisk(name)).toBe(tinyOva.rawSha256);
    succeeded(await project.destroy());
    await one.expectEmpty();
    await two.expectEmpty();
  });
});
