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

const timed = { ...base, options: { customTimeouts: { create: "10m", delete: "90s" } } };
const replaceable = { ...file, options: { replaceOnChanges: ["*"] } };

const replacedClone = (annotation: string, options: Declared["options"] = {}): Declared => ({
  kind: "DatastoreClone",
  args: { name: "a", source: "$base", mode: "full", powerOn: false, annotation },
  options: { replaceOnChanges: ["annotation"], ...options },
});

/** What is made first: `a` and the file are replaced by what `b` changes in place. */
const first = (annotation: string): Stack => ({
  base: timed,
  a: replacedClone(annotation),
  b: clone(annotation),
  file: replaceable,
});

/** The same with other URNs. */
const renamed = {
  group: { kind: "Group" },
  base: timed,
  alpha: replacedClone("1", { aliases: [{ name: "a" }] }),
  b: clone("2", { parent: "$group", aliases: [{ parent: "$nobody" }] }),
  seed: replaceable,
};

/** A clone that was moved into a component, and a port group. */
const moved = (annotation: string): Stack => ({
  group: { kind: "Group" },
  base,
  b: clone(annotation, { parent: "$group" }),
  net: { kind: "PortGroup", args: { virtualSwitch: "vSwitch0" } },
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

  test("customTimeouts", async (context) => {
    const own = await lab(context);
    await own.project.write("seed.txt", "seed");
    await up(own, first("1"));
    expect((await own.project.vmsInState()).get("base")?.outputs?.timeouts).toEqual({
      createSeconds: 600,
      deleteSeconds: 90,
    });
  });

  test("up --target updates one machine of several, and replaceOnChanges of all properties replaces a file", async (context) => {
    const own = await lab(context);
    await own.project.write("seed.txt", "another seed");
    const targets = ["--target", await urnOf(own, "b"), "--target", await urnOf(own, "file")];
    expect(await up(own, first("2"), ...targets)).toMatchObject({
      "create-replacement": ["file"],
      update: ["b"],
    });
    expect(annotations(own)).toMatchObject({ a: "1", b: "2" });
  });

  test("an alias, pulumi state rename and a component change the URN and nothing on the host", async (context) => {
    const own = await lab(context);
    await own.project.must(["state", "rename", "--yes", await urnOf(own, "file"), "seed"]);
    own.host.simulator.requests.clear();
    expect(await up(own, renamed)).toEqual({ same: ["alpha", "b", "base", "seed"] });
    expect(own.host.count()).toBe(0);
  });

  test("updates go on after that, replaceOnChanges of one property replaces a machine, and transforms reach arguments", async (context) => {
    const own = await lab(context);
    await own.project.write("seed.txt", "a third seed");
    const stack = {
      ...renamed,
      base,
      alpha: replacedClone("4"),
      b: clone("4", { parent: "$group" }),
      seed: file,
      fresh: { kind: "ScratchVm", args: { powerOn: false } },
    };
    const options = { protect: false };
    await declareResources(own, stack, {}, { args: { fresh: { memory: 64 } }, options });
    expect(succeeded(await run(own, "up")).steps).toMatchObject({
      create: ["fresh"],
      "create-replacement": ["alpha"],
      update: ["b", "base", "seed"],
    });
    expect(annotations(own)).toMatchObject({ a: "4", b: "4" });
    expect(own.host.vm("fresh").config.hardware.memoryMB).toBe(64);
    await own.host.until(() => own.host.simulator.sessions().length === 0, "Pulumi has gone");
    const files = withoutOwnMarks((await own.host.contents()).files);
    expect(files.filter((name) => name.includes("pulumi"))).toEqual([]);
  });

  test("refresh --preview-only tells what has changed and keeps the state as it is", async (context) => {
    const own = await lab(context);
    await own.host.simulator.behindBack.reconfigure(own.host.vm("b").moid, { annotation: "theirs" });
    const { steps } = succeeded(await run(own, "refresh", "--preview-only"));
    expect(steps).toEqual({ same: ["alpha", "base", "fresh", "seed"], update: ["b"] });
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
    const { net: _, ...others } = moved("6");
    await declareResources(own, others);
    const { output } = failed(await own.project.start("up", { args: ["--plan", plan], env }).result);
    expect(output).toContain("violates plan");
    await declareResources(own, moved("5"));
    const { steps } = succeeded(await own.project.start("up", { args: ["--plan", plan], env }).result);
    expect(steps).toMatchObject({ create: ["net"], update: ["b"], delete: ["alpha", "fresh", "seed"] });
    // What a preview notes of the program that it looks at.
    const inState = JSON.stringify([...(await own.project.vmsInState()).values()]);
    expect(inState).toContain("vSwitch0");
    expect(inState).not.toContain("__madeHere");
  });

  test("--continue-on-error makes what it can, and tells of what it cannot", async (context) => {
    const own = await lab(context);
    const taken = { kind: "ScratchVm", args: { name: "base" } };
    const further = { kind: "ScratchVm", args: { powerOn: false } };
    const snapshot = { kind: "VmSnapshot", args: { vm: "$further" }, options: { deletedWith: "$further" } };
    await declareResources(own, {
      ...moved("5"),
      base: { ...base, options: { protect: true } },
      taken,
      dependent: { ...further, options: { dependsOn: ["$taken"] } },
      further,
      snapshot,
    });
    const { steps, output } = failed(await run(own, "up", "--continue-on-error"));
    expect(steps).toEqual({
      create: ["further", "snapshot"],
      "create failed": ["taken"],
      same: ["b", "base", "net"],
    });
    expect(output).toContain('has a VM named "base" already');
  });

  test("protect keeps a machine, deletedWith spares what goes with it, and the rest is destroyed", async (context) => {
    const own = await lab(context);
    own.host.simulator.requests.clear();
    expect(succeeded(await run(own, "destroy", "--exclude-protected")).steps).toEqual({
      delete: ["b", "further", "net", "snapshot"],
      same: ["base"],
    });
    expect(own.host.count("RemoveSnapshot_Task")).toBe(0);
    await own.host.expectVms("base: poweredOff");
    await declareResources(own, { base });
    succeeded(await run(own, "destroy", "--run-program"));
    await own.host.expectEmpty();
  });
});
