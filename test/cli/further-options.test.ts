/** Options and commands of Pulumi that keep, forget, choose or show; those that change something are in `options.test.ts`. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { failed, type Lab, openLab, sharedLab, succeeded } from "../support/lab.ts";
import { type Declared, declareResources } from "./declared-program.ts";

const LIMIT = { timeout: 240_000 };
const off = (args: Declared["args"] = {}, options: Declared["options"] = {}): Declared => ({
  kind: "ScratchVm",
  args: { powerOn: false, memory: 64, ...args },
  options,
});

const urnOf = async ({ project }: Lab, name: string) => (await project.vmsInState()).get(name)?.urn ?? name;
const run = (own: Lab, operation: "preview" | "up" | "refresh" | "destroy", ...args: string[]) =>
  own.project.start(operation, { args }).result;
const memories = ({ host }: Lab) =>
  Object.fromEntries(host.simulator.vms().map(({ name, config }) => [name, config.hardware.memoryMB]));

describe("what Pulumi is to keep or to forget", LIMIT, () => {
  const lab = sharedLab();

  test("retainOnDelete and state remove leave the machine on the host, and takeBack gets it back", async (context) => {
    const own = await lab(context);
    const both = { a: off({}, { retainOnDelete: true }), b: off() };
    await declareResources(own, both);
    succeeded(await run(own, "up"));
    const before = own.host.vm("a").config.instanceUuid;
    await own.project.must(["state", "remove", "--yes", await urnOf(own, "b")]);
    await declareResources(own, {});
    succeeded(await run(own, "up"));
    await own.host.expectVms("a: poweredOff", "b: poweredOff");

    await declareResources(own, both);
    expect(failed(await run(own, "up")).output).toContain(
      "`pulumi config set esxi:takeBack true` takes it back",
    );
    await own.project.setConfig({ "esxi:takeBack": "true" });
    const { steps, diagnostics } = succeeded(await run(own, "up"));
    expect(steps).toEqual({ create: ["a", "b"] });
    expect(diagnostics.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('taking back "a"'),
    );
    expect(own.host.vm("a").config.instanceUuid).toBe(before);
  });

  test("state protect and --ignore-protect, state taint and untaint", async (context) => {
    const own = await lab(context);
    const urn = await urnOf(own, "b");
    await own.project.must(["state", "protect", "--yes", urn]);
    expect(failed(await run(own, "destroy", "--target", urn)).output).toContain("protect");
    await own.host.expectVms("a: poweredOff", "b: poweredOff");
    await own.project.must(["state", "taint", "--yes", urn]);
    await own.project.must(["state", "untaint", "--yes", urn]);
    await own.project.must(["state", "unprotect", "--yes", urn]);
    await declareResources(own, { a: off(), b: off({}, { protect: true }) });
    // The option retainOnDelete goes, too.
    expect(succeeded(await run(own, "up")).steps).not.toHaveProperty("create-replacement");
    expect(succeeded(await run(own, "destroy", "--ignore-protect", "--target", urn)).steps).toMatchObject({
      delete: ["b"],
    });
    await own.host.expectVms("a: poweredOff");
  });

  test("state move gives a machine to another stack, which changes and destroys it", async (context) => {
    const own = await lab(context);
    const { project } = own;
    const stack = await readFile(join(project.folder, "Pulumi.dev.yaml"), "utf8");
    await project.write("Pulumi.other.yaml", stack);
    await project.must(["stack", "init", "other", "--no-select"]);
    await project.write("Pulumi.other.yaml", stack);
    const uuid = own.host.vm("a").config.instanceUuid;
    const source = ["--source", "organization/lab/dev", "--dest", "organization/lab/other"];
    await project.must(["state", "move", "--yes", ...source, await urnOf(own, "a")]);
    await declareResources(own, { a: off({ memory: 128 }) });
    const { steps } = succeeded(await run(own, "up", "--stack", "other"));
    expect(steps).toEqual({ update: ["a"] });
    expect(own.host.vm("a").config).toMatchObject({ instanceUuid: uuid, hardware: { memoryMB: 128 } });
    succeeded(await run(own, "destroy", "--stack", "other"));
    await own.host.expectEmpty();
  });
});

describe("what Pulumi is to choose or to show", LIMIT, () => {
  const lab = sharedLab();
  const stack = (memory: number): Record<string, Declared> => ({
    a: off({ memory }),
    b: off({ memory }),
    file: { kind: "DatastoreFolder", args: { path: "shelf" } },
    clone: { kind: "DatastoreClone", args: { source: "$a", powerOn: false, memory } },
  });

  test("--exclude, --target-dependents and --parallel", async (context) => {
    const own = await lab(context);
    await declareResources(own, stack(64));
    expect(succeeded(await run(own, "up", "--parallel", "1")).steps).toEqual({
      create: ["a", "b", "clone", "file"],
    });
    await declareResources(own, stack(128));
    const excluded = await run(own, "up", "--exclude", await urnOf(own, "a"), "--exclude-dependents");
    expect(succeeded(excluded).steps).toMatchObject({ update: ["b"] });
    expect(memories(own)).toEqual({ a: 64, b: 128, clone: 64 });
    const target = await run(own, "up", "--target", await urnOf(own, "a"), "--target-dependents");
    expect(succeeded(target).steps).toMatchObject({ update: ["a", "clone"] });
    expect(memories(own)).toEqual({ a: 128, b: 128, clone: 128 });
  });

  test("up --refresh sets right what drifted in the same run, and refresh --target sees one machine only", async (context) => {
    const own = await lab(context);
    const drift = (name: string) =>
      own.host.simulator.behindBack.reconfigure(own.host.vm(name).moid, {
        annotation: "theirs",
        memoryMB: 256,
      });
    await drift("a");
    await drift("b");
    const { steps } = succeeded(await run(own, "refresh", "--target", await urnOf(own, "a")));
    expect(steps).toMatchObject({ update: ["a"] });
    expect((await own.project.vmsInState()).get("b")?.outputs?.memory).toBe(128);
    expect(succeeded(await run(own, "up", "--refresh")).steps).toMatchObject({ update: ["a", "b"] });
    expect(memories(own)).toEqual({ a: 128, b: 128, clone: 128 });
  });

  test("--diff, --json and --expect-no-changes", async (context) => {
    const own = await lab(context);
    succeeded(await run(own, "up", "--expect-no-changes"));
    await declareResources(own, stack(64));
    expect(failed(await run(own, "preview", "--expect-no-changes")).steps).toMatchObject({
      update: ["a", "b", "clone"],
    });
    expect(succeeded(await run(own, "preview", "--diff")).output).toMatch(/~ memory +: 128 => 64/);
    const json: unknown = JSON.parse(await own.project.must(["preview", "--json"]));
    expect(json).toMatchObject({ changeSummary: { update: 3 } });
    expect(memories(own)).toEqual({ a: 128, b: 128, clone: 128 });
  });

  test("destroy --preview-only tells, --target with its dependents destroys, and --remove takes the stack along", async (context) => {
    const own = await lab(context);
    expect(succeeded(await run(own, "destroy", "--preview-only")).steps).toEqual({
      delete: ["a", "b", "clone", "file"],
    });
    expect(Object.keys(memories(own)).sort()).toEqual(["a", "b", "clone"]);
    const one = await run(own, "destroy", "--target", await urnOf(own, "a"), "--target-dependents");
    expect(succeeded(one).steps).toMatchObject({ delete: ["a", "clone"] });
    expect(Object.keys(memories(own)).sort()).toEqual(["b"]);
    succeeded(await run(own, "destroy", "--refresh", "--remove"));
    await own.host.expectEmpty();
    expect(await own.project.must(["stack", "ls"])).not.toContain("dev");
  });
});

const PROGRAM = `import { ScratchVm } from "pulumi-esxi-direct";
new ScratchVm("a", { powerOn: false, memory: Number(process.env.MEMORY) }, {
  additionalSecretOutputs: ["moid"],
  hideDiffs: ["memory"],
  transformations: [({ props, opts }) => ({ props: { ...props, annotation: "transformed" }, opts })],
});
`;

test("additionalSecretOutputs, hideDiffs and transformations", LIMIT, async (context) => {
  const { host, project } = await openLab(context);
  await project.write("index.js", PROGRAM);
  const withMemory = (MEMORY: string) => ({ MEMORY });
  succeeded(await project.up(withMemory("64")));
  expect(host.vm("a").config.annotation).toBe("transformed");
  const state = (await project.vmsInState()).get("a")?.outputs ?? {};
  expect(state.moid).toHaveProperty("ciphertext");
  const previewed = await project.start("preview", { args: ["--diff"], env: withMemory("128") }).result;
  expect(succeeded(previewed).steps).toEqual({ update: ["a"] });
  expect(previewed.output).not.toContain("64 => 128");
  succeeded(await project.up(withMemory("128")));
  expect(host.vm("a").config.hardware.memoryMB).toBe(128);
  succeeded(await project.destroy());
  await host.expectEmpty();
});
