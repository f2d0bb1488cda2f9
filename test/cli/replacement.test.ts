import { describe, expect, test } from "vitest";
import { type Lab, sharedLab, succeeded } from "../support/lab.ts";
import { withoutOwnMarks } from "../support/own-marks.ts";
import { tinyOva } from "../support/tiny-ova.ts";
import { type Declared, declareResources } from "./declared-program.ts";
import { networkOf } from "./raw-host.ts";

/** `folder` is replaced with `file`, and both by another trigger. */
const stack = (trigger: string): Readonly<Record<string, Declared>> => ({
  base: { kind: "OvaDeployment", args: { ovaPath: tinyOva.path, powerOn: false } },
  clone: { kind: "DatastoreClone", args: { source: "$base", mode: "linked" } },
  file: {
    kind: "DatastoreFile",
    args: { path: "seed.txt", source: "seed.txt" },
    options: { replacementTrigger: trigger },
  },
  switch: { kind: "VirtualSwitch" },
  group: { kind: "PortGroup", args: { virtualSwitch: "$switch.name" } },
  scratch: { kind: "ScratchVm", args: { disks: [{ label: "data", size: 1 }] } },
  snapshot: { kind: "VmSnapshot", args: { vm: "$scratch" } },
  pool: { kind: "ResourcePool" },
  folder: { kind: "DatastoreFolder", args: { path: "iso" }, options: { replaceWith: ["$file"] } },
});
const NAMES = Object.keys(stack("1")).sort();

/** Each test goes on where the one before it ended. */
describe("resources that are replaced by force", { timeout: 180_000 }, () => {
  const lab = sharedLab();

  const urnOf = async ({ project }: Lab, name: string) => (await project.vmsInState()).get(name)?.urn ?? name;
  /** What the raw host has: each thing once, as declared, and nothing else. */
  const expectWhole = async (own: Lab) => {
    await expect.poll(async () => (await own.host.contents()).sessions).toBe(0);
    const { vms, files, leases } = await own.host.contents();
    expect({ vms, leases }).toEqual({
      vms: ["base: poweredOff", "clone: poweredOn", "scratch: poweredOn"],
      leases: 0,
    });
    const isThing = (file: string) => /-(PortGroup|VirtualSwitch|ResourcePool)-\w{16}\.made$/.test(file);
    expect(files.filter(isThing)).toHaveLength(3);
    const theirs = withoutOwnMarks(files).filter((file) => !isThing(file));
    const folders = [...new Set(theirs.map((file) => file.split("/")[0]))];
    expect(folders).toEqual(
      ["base", "clone", "iso", "scratch", "seed.txt"].map((it) => `[datastore1] ${it}`),
    );
    expect(files.filter((file) => file.endsWith(".vmsn"))).toHaveLength(1);
    const network = await networkOf(own);
    for (const name of ["switch", "group"]) expect(network.split(`<name>${name}</name>`)).toHaveLength(2);
    expect(await own.host.rawDisk("base")).toBe(tinyOva.rawSha256);
    expect(await own.host.rawDisk("clone")).toBe(tinyOva.rawSha256);
  };
  const identities = ({ host }: Lab) => host.simulator.vms().map(({ instanceUuid }) => instanceUuid);

  test("state taint replaces each kind of resource, a base with its clones and a machine with its snapshots", async (context) => {
    const own = await lab(context);
    await own.project.write("seed.txt", "seed");
    await declareResources(own, stack("1"));
    expect(succeeded(await own.project.up()).steps).toEqual({ create: NAMES });
    await expectWhole(own);
    const before = identities(own);
    const tainted = ["base", "file", "folder", "pool", "scratch", "switch"];
    const urns = await Promise.all(tainted.map((name) => urnOf(own, name)));
    await own.project.must(["state", "taint", "--yes", ...urns]);
    const { steps } = succeeded(await own.project.up());
    expect(steps).toMatchObject({ "create-replacement": NAMES, "delete-replaced": NAMES });
    await expectWhole(own);
    expect(identities(own).filter((uuid) => before.includes(uuid))).toEqual([]);
  });

  test("up --target-replace rebuilds one machine and leaves the rest alone", async (context) => {
    const own = await lab(context);
    const before = new Map(own.host.simulator.vms().map(({ name, instanceUuid }) => [name, instanceUuid]));
    const { steps } = succeeded(
      await own.project.start("up", { args: ["--target-replace", await urnOf(own, "clone")] }).result,
    );
    expect(steps).toMatchObject({ "create-replacement": ["clone"], "delete-replaced": ["clone"] });
    await expectWhole(own);
    const changed = own.host.simulator.vms().filter((vm) => before.get(vm.name) !== vm.instanceUuid);
    expect(changed.map(({ name }) => name)).toEqual(["clone"]);
  });

  test("up --replace, another replacementTrigger and replaceWith replace what depends on nothing alone, and the next preview finds no difference", async (context) => {
    const own = await lab(context);
    await declareResources(own, stack("2"));
    const urns = [await urnOf(own, "group"), await urnOf(own, "snapshot")];
    const { steps } = succeeded(
      await own.project.start("up", { args: urns.flatMap((urn) => ["--replace", urn]) }).result,
    );
    const replaced = ["file", "folder", "group", "snapshot"];
    const same = NAMES.filter((name) => !replaced.includes(name));
    expect(steps).toMatchObject({ same, "create-replacement": replaced });
    await expectWhole(own);
    succeeded(await own.project.start("preview", { args: ["--expect-no-changes"] }).result);
  });

  test("destroy leaves nothing", async (context) => {
    const own = await lab(context);
    succeeded(await own.project.destroy());
    await own.host.expectEmpty();
  });
});
