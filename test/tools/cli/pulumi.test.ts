import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { pulumiEnvironment } from "../../../tools/cli/environment.ts";
import { root } from "../../../tools/setup/cache.mjs";
import { runCommand } from "../../../tools/setup/command.ts";
import { need } from "../../support/prerequisites.ts";

let project: string;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "pulumi-test-"));
  for (const folder of ["home", "state"]) mkdirSync(join(project, folder));
  symlinkSync(join(root, "node_modules"), join(project, "node_modules"));
  writeFileSync(
    join(project, "Pulumi.yaml"),
    "name: trial\nruntime: { name: nodejs, options: { typescript: false } }\nmain: index.mjs\n",
  );
  writeFileSync(
    join(project, "index.mjs"),
    `import * as pulumi from "@pulumi/pulumi";
     const provider = { async create(inputs) { return { id: "1", outs: { node: process.versions.node } }; } };
     class Trial extends pulumi.dynamic.Resource {
       constructor(name) { super(provider, name, { node: undefined }); }
     }
     export const node = new Trial("one").node;
     export const typescript = process.env.PULUMI_NODEJS_TYPESCRIPT === "true";`,
  );
});

afterEach(() => rmSync(project, { recursive: true, force: true }));

test("the Pulumi CLI runs a program and its dynamic provider on the project's own Node", async (context) => {
  const env = pulumiEnvironment({
    binDir: await need(context, "TEST_PULUMI_BIN"),
    home: join(project, "home"),
    backend: join(project, "state"),
    passphrase: "only for this test",
  });
  const pulumi = async (...args: string[]) => {
    const result = await runCommand("pulumi", args, { cwd: project, env, timeoutMs: 50_000 });
    expect(result, args.join(" ")).toMatchObject({ code: 0 });
    return result.stdout.trim();
  };
  await pulumi("stack", "init", "dev", "--non-interactive");
  await pulumi("up", "--yes", "--skip-preview", "--non-interactive");
  expect(await pulumi("stack", "output", "node")).toMatch(/^24\./);
  expect(await pulumi("stack", "output", "typescript")).toBe("false");
  await pulumi("destroy", "--yes", "--skip-preview", "--non-interactive");
});
