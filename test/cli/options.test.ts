import { describe, expect, test } from "vitest";
import { failed, type Lab, sharedLab, succeeded } from "../support/lab.ts";
import { withoutOwnMarks } from "../support/own-marks.ts";
import type { PulumiResult } from "../support/pulumi-run.ts";
import { tinyOva } from "../support/tiny-ova.ts";
import { type Declared, declareResources } from "./declared-program.ts";

type Stack = Readonly<Record<string, Declared>>;

const base = { kind: "OvaDeployment", args: { ovaPath: tinyOva.path, powerOn: false } };
const clone = (annotation?: string, options: Declared["options"] = {}): Declared => ({
  kind: "DatastoreClone",
  args: { source: "$base", mode: "linked", powerOn: false, annotation },
  options,
});
const file = { kind: "DatastoreFile", args: { path: "seed.txt", source: "seed.txt" } };

/** A clone that was moved into a component. */
const moved = (annotation: string): Stack => ({
  group: { kind: "Group" },
  base,
  b: clone(annotation, { parent: "$group" }),
});

/** Each test goes on where the one before it ended. */
describe("Pulumi's options and flags", { timeout: 180_000 }, () => {
  const lab = sharedLab();

  const urnOf = async ({ project }: Lab, name: string) => (await project.vmsInState()).get(name)?.urn ?? name;
  const run = async (own: Lab, operation: "preview" | "up" | "refresh" | "destroy", ...args: string[]) =>
    (await own.project.start(operation, { args }).result) satisfies PulumiResult;
  const up = async (own: Lab, stack: Stack, ...args: string[]) => {
    await declareResources(own, stack);
    return succeeded(await run(own, "up", ...args)).steps;
  };
  const annotations = ({ host }: Lab) =>
    Object.fromEntries(host.simulator.vms().map(({ name, config }) => [name, config.annotation]));

  test("customTimeouts, and replaceOnChanges for each property and for all of them", async (context) => {
    const own = await lab(context);
    await own.project.write("seed.txt", "seed");
    const options = { customTimeouts: { create: "10m", delete: "90s" } };
    const stack = (annotation: string) => ({
      base: { ...base, options },
      a: clone(annotation, { replaceOnChanges: ["annotation"] }),
      b: clone(annotation),
      file: { ...file, options: { replaceOnChanges: ["*"] } },
    });
    await up(own, stack("1"));
    expect((await own.project.vmsInState()).get("base")?.outputs?.timeouts).toEqual({
      createSeconds: 600,
      deleteSeconds: 90,
    });
    await own.project.write("seed.txt", "another seed");
    expect(await up(own, stack("2"))).toMatchObject({ "create-replacement": ["a", "file"], update: ["b"] });
    expect(annotations(own)).toMatchObject({ a: "2", b: "2" });
  });

  test("up --target updates one machine of several", async (context) => {
    const own = await lab(context);
    const stack = { base, a: clone("3"), b: clone("3"), file };
    expect(await up(own, stack, "--target", await urnOf(own, "b"))).toMatchObject({ update: ["b"] });
    expect(annotations(own)).toMatchObject({ a: "2", b: "3" });
  });

  test("an alias, pulumi state rename and a component change the URN and nothing on the host", async (context) => {
    const own = await lab(context);
    expect(await up(own, { base, a: clone("3"), b: clone("3"), file })).toMatchObject({
      update: ["a", "base"],
    });
    const renamed = {
      group: { kind: "Group" },
      base,
      alpha: { ...clone("3", { aliases: [{ name: "a" }] }), args: { ...clone("3").args, name: "a" } },
      b: clone("3", { parent: "$group", aliases: [{ parent: "$nobody" }] }),
      seed: file,
    };
    await own.project.must(["state", "rename", "--yes", await urnOf(own, "file"), "seed"]);
    own.host.simulator.requests.clear();
    expect(await up(own, renamed)).toEqual({ same: ["alpha", "b", "base", "seed"] });
    expect(own.host.count()).toBe(0);
    const changed = { ...renamed, b: clone("4", { parent: "$group" }) };
    expect(await up(own, changed)).toMatchObject({ update: ["b"] });
    expect(succeeded(await run(own, "refresh")).steps).toEqual({ same: ["alpha", "b", "base", "seed"] });
    await own.project.write("seed.txt", "a third seed");
    expect(await up(own, changed)).toMatchObject({ update: ["seed"] });
    await own.host.until(() => own.host.simulator.sessions().length === 0, "Pulumi has gone");
    const files = withoutOwnMarks((await own.host.contents()).files);
    expect(files.filter((name) => name.includes("pulumi"))).toEqual([]);
  });

  test("transforms reach a resource's arguments and options", async (context) => {
    const own = await lab(context);
    const stack = { ...moved("4"), fresh: { kind: "ScratchVm", args: { powerOn: false } } };
    await declareResources(own, stack, {}, { args: { fresh: { memory: 64 } }, options: { protect: false } });
    expect(succeeded(await run(own, "up")).steps).toMatchObject({ create: ["fresh"] });
    expect(own.host.vm("fresh").config.hardware.memoryMB).toBe(64);
  });

  test("refresh --preview-only tells what has changed and keeps the state as it is", async (context) => {
    const own = await lab(context);
    await own.host.simulator.behindBack.reconfigure(own.host.vm("b").moid, { annotation: "theirs" });
    const { steps } = succeeded(await run(own, "refresh", "--preview-only"));
    expect(steps).toMatchObject({ update: ["b"] });
    expect((await own.project.vmsInState()).get("b")?.outputs?.annotation).toBe("4");
  });

  test("refresh --run-program reads with the configuration of now", async (context) => {
    const own = await lab(context);
    const { steps } = succeeded(await run(own, "refresh", "--run-program"));
    expect(steps).toMatchObject({ update: ["b"] });
    expect((await own.project.vmsInState()).get("b")?.outputs?.annotation).toBe("theirs");
  });

  test("an update plan is carried out as it was previewed, and refuses what it does not say", async (context) => {
    const own = await lab(context);
    const plan = `${own.project.folder}/plan.json`;
    const env = { PULUMI_EXPERIMENTAL: "true" };
    await declareResources(own, moved("5"));
    succeeded(await own.project.start("preview", { args: ["--save-plan", plan], env }).result);
    await declareResources(own, moved("6"));
    const { output } = failed(await own.project.start("up", { args: ["--plan", plan], env }).result);
    expect(output).toContain("violates plan");
    await declareResources(own, moved("5"));
    const { steps } = succeeded(await own.project.start("up", { args: ["--plan", plan], env }).result);
    expect(steps).toMatchObject({ update: ["b"], delete: ["fresh"] });
  });

  test("--continue-on-error makes what it can, and tells of what it cannot", async (context) => {
    const own = await lab(context);
    const taken = { kind: "ScratchVm", args: { name: "base" } };
    const further = { kind: "ScratchVm", args: { powerOn: false } };
    await declareResources(own, {
      ...moved("5"),
      taken,
      dependent: { ...further, options: { dependsOn: ["$taken"] } },
      further,
    });
    const { steps, output } = failed(await run(own, "up", "--continue-on-error"));
    expect(steps).toMatchObject({ create: ["further"], "create failed": ["taken"] });
    expect(output).toContain('has a VM named "base" already');
  });

  test("protect keeps a machine, deletedWith spares what goes with it, and the rest is destroyed", async (context) => {
    const own = await lab(context);
    const protectedBase = { ...base, options: { protect: true } };
    const snapshot = { kind: "VmSnapshot", args: { vm: "$further" }, options: { deletedWith: "$further" } };
    const further = { kind: "ScratchVm", args: { powerOn: false } };
    await up(own, { base: protectedBase, further, snapshot });
    own.host.simulator.requests.clear();
    expect(succeeded(await run(own, "destroy", "--exclude-protected")).steps).toEqual({
      delete: ["further", "snapshot"],
      same: ["base"],
    });
    expect(own.host.count("RemoveSnapshot_Task")).toBe(0);
    await own.host.expectVms("base: poweredOff");
    expect(failed(await run(own, "destroy")).output).toContain("protect");
    await declareResources(own, { base });
    succeeded(await run(own, "up"));
    succeeded(await run(own, "destroy", "--run-program"));
    await own.host.expectEmpty();
  });
});
