/**
 * Every example is a program that compiles, and that Pulumi makes so on simulated hosts and removes again; those of guides
 * are made in `guides.test.ts`. Behind `ts`, a fence can say `types` if it is only to compile. All examples of a page are one program, and pages that use other names
 * share a stack.
 */
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../../tools/setup/cache.mjs";
import { succeeded } from "../support/lab.ts";
import { need } from "../support/prerequisites.ts";
import { PulumiProject } from "../support/pulumi-project.ts";
import { docstringExamples, type Example, guides, pageExamples } from "./fences.ts";
import { ExampleHosts } from "./hosts.ts";
import { programOf, typeErrors } from "./programs.ts";
import { stacksOf } from "./stacks.ts";

test("every example on a page or in a docstring compiles", { timeout: 180_000 }, () => {
  const [page, docstring] = [pageExamples(), docstringExamples()];
  expect([page.length, docstring.length]).not.toContain(0);
  expect(typeErrors([...page, ...docstring])).toEqual([]);
});

const isGuides = ({ where }: Example) => guides.some((page) => where.startsWith(`${page}:`));
const made = pageExamples().filter((example) => example.info !== "types" && !isGuides(example));

describe("pulumi up makes the examples of pages, and destroy removes them", () => {
  test.for(stacksOf(made))("$pages", { timeout: 240_000 }, async ({ examples }, context) => {
    const project = await makeProject(await need(context, "TEST_PULUMI_BIN"));
    context.onTestFinished(() => project.remove());
    const hosts = await ExampleHosts.start();
    context.onTestFinished(() => hosts.stop());
    await writeProgram(project, examples);
    succeeded(await project.up(hosts.environment));
    succeeded(await project.destroy(hosts.environment));
    await hosts.expectAsBefore();
  });
});

/** A project with the files that examples name. */
async function makeProject(binDir: string): Promise<PulumiProject> {
  const project = await PulumiProject.make(binDir);
  await ExampleHosts.configure(project);
  await cp(join(root, "images"), join(project.folder, "images"), { recursive: true });
  await project.write("images/Core-5.4.iso", "what a CD holds");
  return project;
}

async function writeProgram(project: PulumiProject, examples: readonly Example[]): Promise<void> {
  for (const [index, example] of examples.entries())
    await project.write(`example-${index}.ts`, programOf(example));
  await project.write("index.js", examples.map((_, index) => `import "./example-${index}.ts";\n`).join(""));
}
