/** Options and commands of Pulumi that keep, forget, choose or show; those that change something are in `options.test.ts`. */
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { failed, type Lab, sharedLab, succeeded } from "../support/lab.ts";
import { type Declared, declareResources } from "./declared-program.ts";

const off = (args: Declared["args"] = {}, options: Declared["options"] = {}): Declared => ({
  kind: "ScratchVm",
  args: { powerOn: false, memory: 64, ...args },
  options,
});

/** Machines with so much memory; of `b`, which has a little more, the change is not to be shown. */
const stack = (memory: number): Record<string, Declared> => ({
  a: off({ memory }),
  b: off({ memory: memory + 4 }, { additionalSecretOutputs: ["moid"], hideDiffs: ["memory"] }),
  file: { kind: "DatastoreFolder", args: { path: "shelf" } },
  clone: { kind: "DatastoreClone", args: { source: "$a", powerOn: false, memory } },
});
const left = { kept: off({}, { retainOnDelete: true }), forgotten: off() };

const declare = (own: Lab, resources: Readonly<Record<string, Declared>>) =>
  declareResources(own, resources, {}, { by: "transformations", args: { b: { annotation: "transformed" } } });
const urnOf = async ({ project }: Lab, name: string) => (await project.vmsInState()).get(name)?.urn ?? name;
const run = (own: Lab, operation: "preview" | "up" | "refresh" | "destroy", ...args: string[]) =>
  own.project.start(operation, { args }).result;
const memories = ({ host }: Lab) =>
  Object.fromEntries(host.simulator.vms().map(({ name, config }) => [name, config.hardware.memoryMB]));
const machines = ({ host }: Lab) =>
  host.simulator
    .vms()
    .map(({ name }) => name)
    .sort();

/** Each test goes on where the one before it ended. */
describe("what Pulumi is to choose, to show, to keep or to forget", { timeout: 240_000 }, () => {
  const lab = sharedLab();
  let before: readonly string[];
  const identities = ({ host }: Lab) => ["forgotten", "kept"].map((name) => host.vm(name).instanceUuid);

  test("--parallel, transformations and additionalSecretOutputs", async (context) => {
    const own = await lab(context);
    await declare(own, { ...stack(64), ...left });
    expect(succeeded(await run(own, "up", "--parallel", "1")).steps).toEqual({
      create: ["a", "b", "clone", "file", "forgotten", "kept"],
    });
    expect(own.host.vm("b").config.annotation).toBe("transformed");
    const state = (await own.project.vmsInState()).get("b")?.outputs ?? {};
    expect(state.moid).toHaveProperty("ciphertext");
  });

  test("--exclude, and a machine that state remove has left on the host is refused", async (context) => {
    const own = await lab(context);
    before = identities(own);
    await own.project.must(["state", "remove", "--yes", await urnOf(own, "forgotten")]);
    await declare(own, { ...stack(128), ...left });
    const flags = ["--exclude", await urnOf(own, "a"), "--exclude-dependents", "--continue-on-error"];
    const { steps, diagnostics } = failed(await run(own, "up", ...flags));
    expect(steps).toMatchObject({ update: ["b"], "create failed": ["forgotten"] });
    expect(diagnostics).toContainEqual({
      name: "forgotten",
      severity: "error",
      message: expect.stringContaining("`pulumi config set esxi:takeBack true` takes it back"),
    });
    expect(memories(own)).toEqual({ a: 64, b: 132, clone: 64, forgotten: 64, kept: 64 });
  });

  test("--target-dependents, and retainOnDelete leaves a machine on the host", async (context) => {
    const own = await lab(context);
    await declare(own, { ...stack(128), b: off({ memory: 256 }) });
    const targets = ["--target", await urnOf(own, "a"), "--target", await urnOf(own, "kept")];
    const { steps } = succeeded(await run(own, "up", ...targets, "--target-dependents"));
    expect(steps).toMatchObject({ update: ["a", "clone"] });
    const names = [...(await own.project.vmsInState()).keys()].sort();
    expect(names).toEqual(["a", "b", "clone", "file"]);
    expect(memories(own)).toEqual({ a: 128, b: 132, clone: 128, forgotten: 64, kept: 64 });
  });

  test("refresh --target sees one machine only, and up --refresh sets right what drifted, with takeBack", async (context) => {
    const own = await lab(context);
    for (const name of ["a", "b"])
      await own.host.simulator.behindBack.reconfigure(own.host.vm(name).moid, {
        annotation: "theirs",
        memoryMB: 256,
      });
    const refreshed = succeeded(await run(own, "refresh", "--target", await urnOf(own, "a")));
    expect(refreshed.steps).toMatchObject({ update: ["a"] });
    expect((await own.project.vmsInState()).get("b")?.outputs?.memory).toBe(132);
    await declare(own, { ...stack(128), ...left });
    await own.project.setConfig({ "esxi:takeBack": "true" });
    const { steps, diagnostics } = succeeded(await run(own, "up", "--refresh"));
    expect(steps).toMatchObject({ update: ["a", "b"], create: ["forgotten", "kept"] });
    expect(diagnostics.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('taking back "kept"'),
    );
    expect(identities(own)).toEqual(before);
    expect(memories(own)).toEqual({ a: 128, b: 132, clone: 128, forgotten: 64, kept: 64 });
  });

  test("--diff, hideDiffs and --expect-no-changes, also after state taint and untaint", async (context) => {
    const own = await lab(context);
    const urn = await urnOf(own, "kept");
    await own.project.must(["state", "taint", "--yes", urn]);
    await own.project.must(["state", "untaint", "--yes", urn]);
    // The option retainOnDelete goes, too.
    const now = { kept: off(), forgotten: off({}, { protect: true }) };
    await declare(own, { ...stack(128), ...now });
    const { steps } = succeeded(await run(own, "up", "--expect-no-changes"));
    expect(steps).toEqual({ same: ["a", "b", "clone", "file", "forgotten", "kept"] });
    await declare(own, { ...stack(64), ...now });
    const told = failed(await run(own, "preview", "--diff", "--expect-no-changes"));
    expect(told.steps).toMatchObject({ update: ["a", "b", "clone"] });
    expect(told.output).toMatch(/~ memory +: 128 => 64/);
    expect(told.output).not.toContain("132 => 68");
    expect(memories(own)).toMatchObject({ a: 128, b: 132, clone: 128 });
  });

  test("destroy --preview-only tells, also as --json", async (context) => {
    const own = await lab(context);
    const args = ["--preview-only", "--json", "--target", await urnOf(own, "a"), "--target-dependents"];
    const { steps, stdout } = succeeded(await run(own, "destroy", ...args));
    expect(steps).toEqual({ delete: ["a", "clone"], same: ["b", "file", "forgotten", "kept"] });
    const json: unknown = JSON.parse(stdout);
    expect(json).toMatchObject({ changeSummary: { delete: 2 } });
    expect(machines(own)).toEqual(["a", "b", "clone", "forgotten", "kept"]);
  });

  test("state protect keeps a machine as the option does, and --ignore-protect takes both along", async (context) => {
    const own = await lab(context);
    const [b, kept, forgotten] = await Promise.all(
      ["b", "kept", "forgotten"].map((name) => urnOf(own, name)),
    );
    const targets = ["--target", kept ?? "", "--target", forgotten ?? ""];
    await own.project.must(["state", "protect", "--yes", b ?? "", kept ?? ""]);
    await own.project.must(["state", "unprotect", "--yes", b ?? ""]);
    const { diagnostics } = failed(await run(own, "destroy", ...targets));
    for (const name of ["kept", "forgotten"])
      expect(diagnostics).toContainEqual(
        expect.objectContaining({ name, message: expect.stringContaining("protect") }),
      );
    expect(machines(own)).toEqual(["a", "b", "clone", "forgotten", "kept"]);
    const all = ["--target", await urnOf(own, "a"), ...targets, "--target-dependents"];
    const ignoring = await run(own, "destroy", "--ignore-protect", ...all);
    expect(succeeded(ignoring).steps).toMatchObject({ delete: ["a", "clone", "forgotten", "kept"] });
    expect(machines(own)).toEqual(["b"]);
  });

  test("state move gives a machine to another stack, which changes and destroys it, and goes with --remove", async (context) => {
    const own = await lab(context);
    const { project } = own;
    const config = await readFile(join(project.folder, "Pulumi.dev.yaml"), "utf8");
    await project.write("Pulumi.other.yaml", config);
    await project.must(["stack", "init", "other", "--no-select"]);
    await project.write("Pulumi.other.yaml", config);
    const uuid = own.host.vm("b").config.instanceUuid;
    const source = ["--source", "organization/lab/dev", "--dest", "organization/lab/other"];
    const urns = await Promise.all(["b", "file"].map((name) => urnOf(own, name)));
    await project.must(["state", "move", "--yes", ...source, ...urns]);
    const { b = off(), file = off() } = stack(256);
    await declare(own, { b, file });
    const { steps } = succeeded(await run(own, "up", "--stack", "other"));
    expect(steps).toEqual({ same: ["file"], update: ["b"] });
    expect(own.host.vm("b").config).toMatchObject({ instanceUuid: uuid, hardware: { memoryMB: 260 } });
    const state = project.stateFile("other");
    await access(state);
    succeeded(await run(own, "destroy", "--stack", "other", "--refresh", "--remove"));
    await own.host.expectEmpty();
    await expect(access(state)).rejects.toThrow("ENOENT");
  });
});
