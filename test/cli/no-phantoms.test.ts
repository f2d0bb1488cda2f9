import { describe, expect, test } from "vitest";
import { type Lab, sharedLab, succeeded } from "../support/lab.ts";
import { tinyOva } from "../support/tiny-ova.ts";
import { declareResources } from "./declared-program.ts";

const stack = ({ annotation, seed = "seed.txt" }: { annotation?: string; seed?: string } = {}) => ({
  base: { kind: "OvaDeployment", args: { ovaPath: tinyOva.path, powerOn: false, annotation } },
  clone: { kind: "DatastoreClone", args: { source: "$base", mode: "linked" } },
  file: { kind: "DatastoreFile", args: { path: "seed.txt", source: seed } },
  folder: { kind: "DatastoreFolder", args: { path: "iso" } },
  switch: { kind: "VirtualSwitch" },
  group: { kind: "PortGroup", args: { virtualSwitch: "$switch.name" } },
  pool: { kind: "ResourcePool" },
  scratch: { kind: "ScratchVm", args: { annotation, cdroms: [{ iso: "$file.datastorePath" }] } },
  snapshot: { kind: "VmSnapshot", args: { vm: "$scratch" } },
  ssh: { kind: "HostService", args: { service: "TSM-SSH" } },
});
const NAMES = Object.keys(stack()).sort();
const EXPORTED = Object.fromEntries(NAMES.map((name) => [name, `$${name}.*`]));

/** Each test goes on where the one before it ended. */
describe("a stack that exports every output of machines without addresses", { timeout: 180_000 }, () => {
  const lab = sharedLab({ simulator: { guestAddressDelayMs: 3_600_000 } });

  const expectNothingToCome = async ({ project }: Lab) => {
    const { output, steps } = succeeded(await project.preview());
    expect(output).not.toContain("[unknown]");
    expect(output).not.toContain("Outputs:");
    expect(steps).toEqual({ same: NAMES });
  };

  test("shows nothing to come right after up", async (context) => {
    const own = await lab(context);
    await own.project.write("seed.txt", "seed");
    await declareResources(own, stack(), EXPORTED);
    expect(succeeded(await own.project.up()).steps).toEqual({ create: NAMES });
    await expectNothingToCome(own);
  });

  test("shows nothing to come right after a refresh", async (context) => {
    const own = await lab(context);
    expect(succeeded(await own.project.refresh()).steps).toEqual({ same: NAMES });
    await expectNothingToCome(own);
  });

  test("shows a change of a base, a machine and a file, and none of what is made from them", async (context) => {
    const own = await lab(context);
    await own.project.write("other.txt", "another seed");
    await declareResources(own, stack({ annotation: "for the course", seed: "other.txt" }), EXPORTED);
    const changed = ["base", "file", "scratch"];
    const same = NAMES.filter((name) => !changed.includes(name));
    const { steps, diagnostics } = succeeded(await own.project.preview());
    expect(steps).toEqual({ update: changed, same });
    expect(diagnostics.filter(({ name }) => name === "scratch")).toEqual([
      { name: "scratch", severity: "info", message: "to update in place: annotation" },
    ]);
  });

  test("destroy leaves nothing", async (context) => {
    const own = await lab(context);
    succeeded(await own.project.destroy());
    await own.host.expectEmpty();
  });
});
