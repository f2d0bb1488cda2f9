/** What is refused because another machine would lose by it. One host, at which little is changed. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { ageClock } from "../../../../provider/clock.ts";
import {
  lately,
  refuseDiskChanges,
  refuseToDelete,
  refuseWithChildren,
} from "../../../../provider/host/file-use/refuse-loss.ts";
import type { ObservedVm } from "../../../../provider/host/vm/reading/observed-vm.ts";
import { Lab } from "../../resources/lab.ts";
import { Stranger } from "../../resources/stranger.ts";

const SHARED = "[datastore1] data/shared.vmdk";

let lab: Lab;
let stranger: Stranger;

beforeAll(async () => {
  lab = await Lab.open();
  stranger = new Stranger(lab);
  await stranger.vm("golden");
  await stranger.vm("clone", [{ on: "[datastore1] golden/golden.vmdk" }]);
  await stranger.vm("data");
  await stranger.copyDisk("[datastore1] data/data.vmdk", SHARED);
  await stranger.vm("one", ["new", { attach: SHARED }]);
  await stranger.vm("two", ["new", { attach: SHARED }]);
  await stranger.vm("lent");
  await stranger.vm("borrower", [{ attach: "[datastore1] lent/lent.vmdk" }]);
  await stranger.vm("kept");
  await stranger.vm("keeper", ["new", { attach: "[datastore1] kept/kept.vmdk" }]);
  await stranger.snapshot("keeper");
  await stranger.detach("keeper", stranger.diskPaths("keeper")[1] ?? "");
  await stranger.vm("alone");
  await stranger.vm("places");
  for (const name of ["base", "frozen"]) {
    await stranger.copyDisk("[datastore1] places/places.vmdk", `[datastore1] places/${name}.vmdk`);
    await stranger.vm(`${name} far`, ["new", { attach: `[datastore1] places/${name}.vmdk` }]);
  }
  await stranger.vm("far clone", [{ on: "[datastore1] places/base.vmdk" }]);
  await stranger.vm("far keeper", ["new", { attach: "[datastore1] places/frozen.vmdk" }]);
  await stranger.snapshot("far keeper");
  await stranger.detach("far keeper", stranger.diskPaths("far keeper")[1] ?? "");
  await stranger.vm("both", ["new", "new"]);
  await stranger.vm("second", [{ attach: stranger.diskPaths("both")[1] ?? "" }]);
});

afterAll(() => lab.close());

async function vm(name: string): Promise<ObservedVm> {
  const found = await lab.host.vms.byReference({ type: "VirtualMachine", value: lab.raw.vm(name).moid });
  if (found === undefined) throw new Error(`The host has no machine ${name}.`);
  return found;
}

/** The error's text; undefined if it may go on. */
const refused = (asked: Promise<void>): Promise<string | undefined> =>
  asked.then(
    () => undefined,
    (error: Error) => error.message,
  );

describe("what writes to a machine's disks", () => {
  const written = async (name: string) =>
    refused(refuseWithChildren(lab.host, await vm(name), "power it on"));

  test.each([
    ["golden", 'the disks of "clone" build on those of "golden"'],
    ["lent", '"borrower" uses [datastore1] lent/lent.vmdk'],
    ["kept", '"keeper" needs [datastore1] kept/kept.vmdk for snapshots'],
    ["base far", 'the disks of "far clone" build on those of "base far"'],
    ["frozen far", '"far keeper" needs [datastore1] places/frozen.vmdk for snapshots'],
  ])("is refused for %s: others need them", async (name, why) => {
    expect(await written(name)).toContain(`${why}`);
    expect(await written(name)).toContain("not possible to power it on");
  });

  test.each([
    ["alone"],
    ["clone"],
    // Two machines may have one disk, and take turns.
    ["one"],
    ["two"],
    ["borrower"],
    ["keeper"],
  ])("is not refused for %s", async (name) => {
    expect(await written(name)).toBeUndefined();
  });
});

describe("the deletion of a machine", () => {
  const deleted = async (name: string) => refused(refuseToDelete(lab.host, await vm(name)));

  test.each([["golden"], ["lent"], ["kept"]])("is refused for %s: others need its disks", async (name) => {
    expect(await deleted(name)).toMatch(/not possible to delete it.*Nothing was changed/);
  });

  test.each([["alone"], ["clone"], ["one"], ["borrower"]])("is not refused for %s", async (name) => {
    expect(await deleted(name)).toBeUndefined();
  });

  test("costs one look at the machines, which one of a moment ago may serve", async () => {
    const machine = await vm("alone");
    const since = ageClock.now();
    await refuseToDelete(lab.host, machine, since);
    lab.raw.simulator.requests.clear();
    await refuseToDelete(lab.host, machine, since);
    expect(lab.raw.count()).toBe(0);
  });

  test("is refused if its snapshots hold a disk that is to stay, until they are removed", async () => {
    const before = await stranger.digests(["[datastore1]"]);
    expect(await deleted("keeper")).toBe(
      'esxi1: snapshots of "keeper" hold [datastore1] kept/kept.vmdk, which must stay when "keeper" is deleted: it was ' +
        "attached, is to be kept, or lies elsewhere. The host would delete it with the snapshots. Nothing was changed. " +
        "Remove the snapshots first.",
    );
    expect(await stranger.digests(["[datastore1]"])).toEqual(before);
    await stranger.vm("keeper3", ["new", { attach: "[datastore1] data/data.vmdk" }]);
    await stranger.snapshot("keeper3");
    await stranger.detach("keeper3", stranger.diskPaths("keeper3")[1] ?? "");
    expect(await deleted("keeper3")).toContain("hold [datastore1] data/data.vmdk");
    // All machines were looked at a moment ago.
    const [seenAt, seen] = [ageClock.now(), await vm("keeper3")];
    await refused(refuseToDelete(lab.host, seen));
    await stranger.removeSnapshots("keeper3");
    expect(await refused(refuseToDelete(lab.host, seen, seenAt))).toBeUndefined();
    expect(await deleted("keeper3")).toBeUndefined();
  });
});

describe("a change of a machine's disks", () => {
  const disks = (size: number) => [{ label: "disk0", size }];
  const MIB = 1 / 1024;

  test.each([
    ["golden", 'the disks of "clone" build on those of "golden"'],
    ["lent", '"borrower" uses [datastore1] lent/lent.vmdk'],
    ["kept", '"keeper" needs [datastore1] kept/kept.vmdk'],
  ])("that makes one larger is refused for %s", async (name, why) => {
    const machine = await vm(name);
    expect(await refused(refuseDiskChanges(lab.host, machine, { disks: disks(2 * MIB) }))).toContain(why);
    expect(await refused(refuseDiskChanges(lab.host, machine, { disks: disks(2 * MIB) }))).toContain(
      `grow its disk [datastore1] ${name}/${name}.vmdk`,
    );
    expect(await refused(refuseDiskChanges(lab.host, machine, { disks: disks(MIB) }))).toBeUndefined();
    expect(await refused(refuseDiskChanges(lab.host, machine, { memory: 128 }))).toBeUndefined();
  });

  test("is not refused if it makes none larger, or makes another one larger", async () => {
    const independent = [{ ...disks(MIB)[0], label: "disk0", mode: "independent_persistent" as const }];
    expect(
      await refused(refuseDiskChanges(lab.host, await vm("golden"), { disks: independent })),
    ).toBeUndefined();
    const both = (first: number, second: number) => [
      { label: "disk0", size: first },
      { label: "disk1", size: second },
    ];
    const machine = await vm("both");
    expect(
      await refused(refuseDiskChanges(lab.host, machine, { disks: both(2 * MIB, MIB) })),
    ).toBeUndefined();
    expect(await refused(refuseDiskChanges(lab.host, machine, { disks: both(MIB, 2 * MIB) }))).toContain(
      `"second" uses ${stranger.diskPaths("both")[1]}`,
    );
  });

  test.each([["golden"], ["lent"], ["kept"]])("that deletes one is refused for %s", async (name) => {
    const file = `[datastore1] ${name}/${name}.vmdk`;
    const made = (more = {}) => JSON.stringify({ data: { origin: "made", file, ...more } });
    const remembering = async (labels: string) => ({
      ...(await vm(name)),
      extraConfig: new Map([["pulumi-esxi-direct.labels", labels]]),
    });
    const removed = async (labels: string) =>
      refused(refuseDiskChanges(lab.host, await remembering(labels), { disks: [] }));
    expect(await removed(made())).toContain(`not possible to delete its disk ${file}`);
    // It is taken out, and stays.
    expect(await removed(made({ keep: true }))).toBeUndefined();
  });

  test("is refused with the host's name if the machine cannot have it at all", async () => {
    const without = [...disks(MIB), { label: "more" }];
    expect(await refused(refuseDiskChanges(lab.host, await vm("alone"), { disks: without }))).toBe(
      'esxi1: "alone" has no disk "more". To make one, give it a size. To attach one that exists, give its path (attach). ' +
        "No device was changed.",
    );
  });

  test("is not refused where nobody else needs it, nor for a new disk", async () => {
    expect(
      await refused(refuseDiskChanges(lab.host, await vm("alone"), { disks: disks(2 * MIB) })),
    ).toBeUndefined();
    const more = [...disks(MIB), { label: "more", size: MIB }];
    expect(await refused(refuseDiskChanges(lab.host, await vm("golden"), { disks: more }))).toBeUndefined();
  });
});

describe("what a deletion saw when it began", () => {
  afterEach(() => void vi.restoreAllMocks());

  test.each([
    ["serves it for two seconds", 1_500, 1_500],
    ["is as good as seen two seconds ago after that", 3_000, 2_000],
  ])("%s", (_, ago, counts) => {
    vi.spyOn(ageClock, "now").mockReturnValue(1_000_000);
    expect(lately(1_000_000 - ago)).toBe(1_000_000 - counts);
  });

  test("is nothing if it did not look", () => {
    expect(lately(undefined)).toBeUndefined();
  });
});
