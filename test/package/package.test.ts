import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, type TestContext, test } from "vitest";
import { root } from "../../tools/setup/cache.mjs";
import { runCommand } from "../../tools/setup/command.ts";
import { need } from "../support/prerequisites.ts";
import { tinyOva } from "../support/tiny-ova.ts";
import { startVcsim } from "../support/vcsim.ts";
import { type InstalledPackage, installPackage, makeProject } from "./installed-package.ts";
import { commonJsProject, moduleProject, typescriptProject } from "./programs.ts";
import { PulumiProject } from "./pulumi-project.ts";

const PASSWORD = "tell-Nobody-47";
const cleanUps: (() => unknown)[] = [];
let installed: InstalledPackage;

beforeAll(async () => {
  installed = await installPackage();
}, 300_000);

afterAll(() => installed?.remove());

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

test("the tarball holds the compiled package, its licence and its README, and nothing else", () => {
  const paths = installed.files.map(({ path }) => path);
  const others = paths.filter((path) => !/^dist\/(provider|schema)\/.+\.(js|d\.ts|js\.map)$/.test(path));
  expect(others.sort()).toEqual(["LICENSE", "NOTICE", "README.md", "package.json"]);
});

test("the tarball names no path of the machine that packed it", async () => {
  for (const { path } of installed.files) {
    const text = await readFile(join(installed.folder, path), "utf8");
    expect(text.includes(root), path).toBe(false);
  }
});

test("importing the package loads the resource classes and nothing that talks to a host", async () => {
  const project = await makeProject(installed, { "load.mjs": LOADED });
  const { stdout, stderr } = await runCommand("node", ["load.mjs"], { cwd: project });
  expect(stderr).toBe("");
  expect((JSON.parse(stdout) as string[]).sort()).toEqual([
    "index.js",
    "program/esxi-resource.js",
    "program/plain-password-guard.js",
    "program/provider-text.js",
    "program/urn.js",
    "resources/ova-deployment.js",
    "resources/vm-args.js",
  ]);
});

/** Prints what an import of the package loads, beyond what Pulumi's own SDK has loaded. */
const LOADED = `import { registerHooks } from "node:module";
await import("@pulumi/pulumi");
const loaded = [];
registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
await import("pulumi-esxi-direct");
console.log(JSON.stringify(loaded.map((url) => url.replace(/^.*pulumi-esxi-direct\\/dist\\/provider\\//, ""))));
`;

test("the types resolve in the project that `pulumi new typescript` makes, and find mistakes", async () => {
  const project = await makeProject(installed, {
    ...typescriptProject,
    "mistakes.ts": `import { OvaDeployment } from "pulumi-esxi-direct";
new OvaDeployment("a", { ovaPath: "tinyVM.ova", memory: "256" });
new OvaDeployment("b", { ovaPath: "tinyVM.ova", memmory: 256 });
new OvaDeployment("c", {});
`,
  });
  const tsc = (...args: string[]) =>
    runCommand("node", ["node_modules/typescript/bin/tsc", "--noEmit", "--pretty", "false", ...args], {
      cwd: project,
    });
  expect(await tsc("-p", ".")).toMatchObject({ code: 0, stdout: "" });
  const compilerOptions = ["--strict", "--target", "es2020", "--module", "commonjs"];
  const { stdout } = await tsc(...compilerOptions, "--moduleResolution", "node", "mistakes.ts");
  const errors = stdout.match(/^mistakes\.ts\(\d+/gm);
  expect(errors).toEqual(["mistakes.ts(2", "mistakes.ts(3", "mistakes.ts(4"]);
});

const PROJECTS = {
  "a TypeScript project as `pulumi new typescript` makes it": typescriptProject,
  "a JavaScript project of ECMAScript modules": moduleProject,
  "a JavaScript project of CommonJS modules": commonJsProject,
};

for (const [what, files] of Object.entries(PROJECTS)) {
  test(`${what} deploys an OVA with four settings`, { timeout: 180_000 }, async (context) => {
    const pulumi = await openStack(context, files);

    pulumi.run(["up", "--yes", "--skip-preview"]);

    const outputs = JSON.parse(pulumi.run(["stack", "output", "--json"])) as Record<string, unknown>;
    expect(outputs).toMatchObject({
      vmxPath: "[LocalDS_0] tiny/tiny.vmx",
      powerState: "poweredOn",
      memory: 256,
    });
    pulumi.run(["preview", "--expect-no-changes"]);
    expect(pulumi.said.join("")).not.toMatch(/warning/i);
    expect(await readFile(pulumi.stateFile, "utf8")).not.toContain(PASSWORD);
    expect(pulumi.said.join("")).not.toContain(PASSWORD);

    pulumi.run(["destroy", "--yes", "--skip-preview"]);
    expect(pulumi.run(["stack", "--show-urns"])).toContain("Current stack resources (0)");
  });
}

async function openStack(
  context: TestContext,
  files: Readonly<Record<string, string>>,
): Promise<PulumiProject> {
  const host = await startVcsim({ program: await need(context, "TEST_VCSIM"), password: PASSWORD });
  cleanUps.push(host.stop);
  const folder = await makeProject(installed, files);
  await copyFile(tinyOva.path, join(folder, "tinyVM.ova"));
  const pulumi = new PulumiProject(folder, await need(context, "TEST_PULUMI_BIN"));
  pulumi.run(["stack", "init", "dev"]);
  pulumi.run(["config", "set", "esxi:host", host.url]);
  pulumi.run(["config", "set", "esxi:username", host.username]);
  pulumi.run(["config", "set", "esxi:thumbprint", host.thumbprint]);
  pulumi.run(["config", "set", "--secret", "esxi:password"], PASSWORD);
  return pulumi;
}
