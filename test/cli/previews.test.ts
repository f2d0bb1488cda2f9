import { describe, expect, test } from "vitest";
import { sharedLab, succeeded } from "../support/lab.ts";
import { tinyOva } from "../support/tiny-ova.ts";
import { declareResources } from "./declared-program.ts";

interface Said {
  readonly annotation?: string;
  readonly description?: string;
  readonly forceDestroy?: boolean;
  readonly seed?: string;
  readonly vlanId?: number;
  readonly memoryLimit?: number;
}

/** Each thing that another resource takes, in each way in which it can be taken. */
const stack = ({
  annotation,
  description,
  forceDestroy,
  seed = "seed.txt",
  vlanId,
  memoryLimit,
}: Said = {}) => ({
  base: { kind: "OvaDeployment", args: { ovaPath: tinyOva.path, powerOn: false, annotation } },
  clone: { kind: "DatastoreClone", args: { source: "$base", mode: "linked" } },
  folder: { kind: "DatastoreFolder", args: { path: "iso", forceDestroy } },
  file: {
    kind: "DatastoreFile",
    args: { path: "iso/seed.txt", source: seed },
    options: { dependsOn: ["$folder"] },
  },
  full: { kind: "DatastoreClone", args: { source: "$base.instanceUuid", annotation, powerOn: false } },
  "of-full": { kind: "DatastoreClone", args: { source: "$full", powerOn: false } },
  switch: { kind: "VirtualSwitch" },
  group: { kind: "PortGroup", args: { virtualSwitch: "$switch.name", vlanId } },
  pool: { kind: "ResourcePool", args: { memoryLimit } },
  scratch: {
    kind: "ScratchVm",
    args: {
      annotation,
      cdroms: [{ iso: "$file.datastorePath" }],
      networkInterfaces: [{ network: "$group.name" }],
      resourcePool: "$pool.name",
      // A file in the drive of a machine that runs is not replaced.
      powerOn: false,
    },
  },
  snapshot: { kind: "VmSnapshot", args: { vm: "$full", description } },
  ssh: { kind: "HostService", args: { service: "TSM-SSH" } },
});

const NAMES = Object.keys(stack()).sort();
const EXPORTED = Object.fromEntries(NAMES.map((name) => [name, `$${name}.*`]));
const sameBut = (changed: readonly string[]) => NAMES.filter((name) => !changed.includes(name));

/** Each test goes on where the one before it ended. */
describe("a preview of a stack that exports every output of machines without addresses", {
  timeout: 180_000,
}, () => {
  const lab = sharedLab({ simulator: { guestAddressDelayMs: 3_600_000 } });

  test("shows nothing to come right after up, nor right after a refresh, which leaves the state as up has written it", async (context) => {
    const own = await lab(context);
    const { project } = own;
    const state = async () => {
      const resources = [...(await project.vmsInState()).values()];
      // A refresh notes when it has changed what it keeps.
      return resources.map(({ id, inputs, outputs, urn }) => ({ id, inputs, outputs, urn }));
    };
    await project.write("seed.txt", "seed");
    await project.write("other.txt", "another seed");
    await declareResources(own, stack(), EXPORTED);
    expect(succeeded(await project.up()).steps).toEqual({ create: NAMES });
    const before = await state();
    expect(succeeded(await project.refresh()).steps).toEqual({ same: NAMES });
    expect(await state()).toEqual(before);
    const { output, steps } = succeeded(await project.preview());
    expect(output).not.toContain("[unknown]");
    expect(output).not.toContain("Outputs:");
    expect(steps).toEqual({ same: NAMES });
  });

  test("shows what changes in place, and none of what takes it; up does just that", async (context) => {
    const own = await lab(context);
    const { host, project } = own;
    const identities = () => host.simulator.vms().map(({ instanceUuid }) => instanceUuid);
    const before = identities();
    const said = { annotation: "b", description: "b", forceDestroy: true, seed: "other.txt", vlanId: 2 };
    await declareResources(own, stack({ ...said, memoryLimit: 512 }), EXPORTED);
    const changed = ["base", "file", "folder", "full", "group", "pool", "scratch", "snapshot"];
    const told = succeeded(await project.start("preview", { args: ["--json"] }).result);
    const json: unknown = JSON.parse(told.stdout);
    expect(json).toMatchObject({ changeSummary: { update: changed.length } });
    expect(told.steps).toEqual({ update: changed, same: sameBut(changed) });
    expect(told.diagnostics.filter(({ name }) => name === "scratch")).toEqual([
      { name: "scratch", severity: "info", message: "update in place: annotation" },
    ]);
    expect(succeeded(await project.up()).steps).toEqual(told.steps);
    expect(identities()).toEqual(before);
    const machines = ["base", "clone", "full", "of-full", "scratch"];
    await own.host.until(() => host.simulator.sessions().length === 0, "Pulumi has gone");
    const { vms } = await host.contents();
    expect(vms).toEqual(machines.map((name) => `${name}: ${name === "clone" ? "poweredOn" : "poweredOff"}`));
  });
});
