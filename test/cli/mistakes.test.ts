/**
 * Mistakes that only the real CLI shows: in the program's own code, in the stack's configuration, on the command line.
 * Those in arguments are in `test/provider/resources/mistakes.ts`.
 */
import { describe, expect, test } from "vitest";
import { failed, sharedLab, succeeded } from "../support/lab.ts";
import type { PulumiProject } from "../support/pulumi-project.ts";

describe("with the real CLI", { timeout: 120_000 }, () => {
  const lab = sharedLab();
  const write = (project: PulumiProject, program: string) =>
    project.write("index.js", `import * as esxi from "pulumi-esxi-direct";\n${program}\n`);

  // All such refusals are errors of the same class: those of options are in `test/provider/program/resource-options.test.ts`.
  test("a fleet of half a machine is refused in words for people", async (context) => {
    const { project } = await lab(context);
    await write(project, 'new esxi.VmFleet("student", { source: { vm: "golden" }, count: 1.5 });');
    const { output } = failed(await project.preview());
    expect(output).toContain("count must be a whole number from 0 on, not 1.5");
    expect(output).not.toMatch(/\n\s+at .*pulumi-esxi-direct/);
  });

  test("all keys of the configuration that nothing reads are told of at once, with what was meant", async (context) => {
    const { project } = await lab(context);
    await write(project, 'new esxi.ScratchVm("web", { memory: 4 });');
    await project.setConfig({ "esxi:user": "root", "esxi:hostname": "a", "esxi:maxTask": "3" });
    const { diagnostics } = succeeded(await project.preview());
    const said = diagnostics.map(({ message }) => message).join("\n");
    expect(said).toMatch(/esxi:user\b.*esxi:username/);
    expect(said).toMatch(/esxi:hostname\b.*esxi:host\b/);
    expect(said).toMatch(/esxi:maxTask\b.*esxi:maxTasks/);
    expect(said).toContain("4 MB is very little; did you mean 4096");
  });
});
