import { copyFile, readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { root } from "../../tools/setup/cache.mjs";
import { runCommand } from "../../tools/setup/command.ts";
import { need } from "../support/prerequisites.ts";
import { SimulatedHost } from "../support/simulated-host.ts";
import { tinyOva } from "../support/tiny-ova.ts";
import { type InstalledPackage, installPackage, makeProject } from "./installed-package.ts";
import { commonJsProject, moduleProject, typescriptProject } from "./programs.ts";
import { UserStack } from "./user-stack.ts";

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

test("the tarball has the declarations that a program needs, and none of what talks to a host", async () => {
  const needed = new Set<string>();
  const visit = async (path: string): Promise<void> => {
    if (needed.has(path)) return;
    needed.add(path);
    const text = await readFile(join(installed.folder, path), "utf8");
    for (const [, to = ""] of text.matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)) {
      await visit(posix.join(posix.dirname(path), to.replace(/\.(ts|js)$/, ".d.ts")));
    }
  };
  await visit("dist/provider/index.d.ts");
  const packed = installed.files.map(({ path }) => path).filter((path) => path.endsWith(".d.ts"));
  expect([...needed].filter((path) => !packed.includes(path))).toEqual([]);
  const side =
    /^dist\/provider\/(index|configuration-keys|guest\/|hand-over\/|program\/|resources\/|ovf\/did-you-mean)/;
  expect(packed.filter((path) => !side.test(path) || /\.(lifecycle|read)\.d\.ts$/.test(path))).toEqual([]);
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
  // What is handed over to other tools has digests, and tells addresses from names; what a file is to hold is compressed.
  const builtIn = ["node:async_hooks", "node:crypto", "node:net", "node:path", "node:zlib"];
  expect((JSON.parse(stdout) as string[]).sort()).toEqual(["index.js", ...builtIn]);
  const map = await readFile(join(installed.folder, "dist/provider/index.js.map"), "utf8");
  const sources = (JSON.parse(map) as { sources: string[] }).sources.map((source) =>
    source.replace("../../provider/", ""),
  );
  expect(sources).toContain("resources/vm/ova-deployment.ts");
  const words = ["configuration-keys.ts", "content-scheme.ts", "ovf/did-you-mean.ts"];
  const others = sources.filter(
    (file) => !/^(index|(guest|hand-over|iso)\/[^/]+|program\/[^/]+|resources\/[^.]+)\.ts$/.test(file),
  );
  expect(others.filter((file) => !words.includes(file))).toEqual([]);
});

/** Prints what an import of the package loads, beyond what Pulumi's own SDK has loaded. */
const LOADED = `import { registerHooks } from "node:module";
await import("@pulumi/pulumi");
const loaded = [];
registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
await import("pulumi-esxi-direct");
console.log(JSON.stringify(loaded.map((url) => url.replace(/^.*pulumi-esxi-direct\\/dist\\/provider\\//, ""))));
`;

test("types resolve as `pulumi new typescript` configures them, and find mistakes", {
  timeout: 180_000,
}, async () => {
  const project = await makeProject(installed, {
    ...typescriptProject,
    "mistakes.ts": MISTAKES,
    "tsconfig.both.json": '{ "extends": "./tsconfig.json", "files": ["index.ts", "mistakes.ts"] }',
  });
  const tsc = "node_modules/typescript/bin/tsc";
  const { stdout } = await runCommand(
    "node",
    [tsc, "--noEmit", "--pretty", "false", "-p", "tsconfig.both.json"],
    {
      cwd: project,
    },
  );
  const errors = stdout.match(/^\S+\(\d+/gm);
  expect(errors, stdout).toEqual(["mistakes.ts(2", "mistakes.ts(3", "mistakes.ts(4"]);
});

const MISTAKES = `import { OvaDeployment } from "pulumi-esxi-direct";
new OvaDeployment("a", { ovaPath: "tinyVM.ova", memory: "256" });
new OvaDeployment("b", { ovaPath: "tinyVM.ova", memmory: 256 });
new OvaDeployment("c", {});
`;

const PROJECTS = {
  "a TypeScript project as `pulumi new typescript` makes it": typescriptProject,
  "a JavaScript project of ECMAScript modules": moduleProject,
  "a JavaScript project of CommonJS modules": commonJsProject,
};

for (const [what, files] of Object.entries(PROJECTS)) {
  test(`${what} deploys an OVA with four settings`, { timeout: 180_000 }, async (context) => {
    const host = await SimulatedHost.start();
    cleanUps.push(() => host.stop());
    const folder = await makeProject(installed, files);
    await copyFile(tinyOva.path, join(folder, "tinyVM.ova"));
    const stack = await UserStack.init(folder, await need(context, "TEST_PULUMI_BIN"));
    await stack.deployTiny(host);
    expect(stack.said).not.toMatch(/warning/i);
    expect(stack.said + (await stack.state())).not.toContain(host.password);

    await stack.destroyAll(host);
  });
}
