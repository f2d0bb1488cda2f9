import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { root } from "../../tools/setup/cache.mjs";

/** A checkout with the real scripts and configuration, but with sources and tasks of its own. */
let checkout: string;

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), "run-test-"));
  for (const path of ["tools/run.mjs", "tools/setup", "package.json", "package-lock.json", "tsconfig.json"]) {
    cpSync(join(root, path), join(checkout, path), { recursive: true });
  }
  cpSync(join(root, "tsconfig.build.json"), join(checkout, "tsconfig.build.json"));
  symlinkSync(join(root, "node_modules"), join(checkout, "node_modules"));
  mkdirSync(join(checkout, "provider"));
  mkdirSync(join(checkout, "schema"));
  writeFileSync(join(checkout, "provider/index.ts"), "export const answer: number = 42;\n");
  writeFileSync(join(checkout, "provider/runtime.ts"), 'export const load = () => import("./lazy.ts");\n');
  writeFileSync(join(checkout, "provider/lazy.ts"), 'export const lazy: string = "loaded later";\n');
});

afterEach(() => rmSync(checkout, { recursive: true, force: true }));

function start(...args: string[]): ChildProcess {
  const env = { ...process.env, PULUMI_ESXI_CACHE: join(checkout, "cache") };
  return spawn(process.execPath, [join(checkout, "tools/run.mjs"), ...args], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function runTask(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = start(...args);
  const outputs = Promise.all([
    child.stdout ? text(child.stdout) : "",
    child.stderr ? text(child.stderr) : "",
  ]);
  const [code] = await once(child, "close");
  const [stdout, stderr] = await outputs;
  return { code, stdout, stderr };
}

test("runs a task on the project's own Node with its arguments, and passes its exit code on", async () => {
  writeFileSync(
    join(checkout, "tools/simulator.ts"),
    'const args: string[] = process.argv.slice(2); console.log(process.versions.node.split(".")[0], args.join("|")); process.exitCode = 7;',
  );
  expect(await runTask("simulator", "--state", "a b")).toEqual({
    code: 7,
    stdout: "24 --state|a b\n",
    stderr: "",
  });
});

test("names the tasks when there is no such task", async () => {
  const result = await runTask("deploy");
  expect(result.code).toBe(2);
  expect(result.stderr).toContain("demo|test|bench|build|simulator|check|fuzz|mutate");
});

test("builds only when a source has changed", async () => {
  expect(await runTask("build")).toMatchObject({ code: 0, stderr: "Building…\n" });
  expect(readFileSync(join(checkout, "dist/provider/index.js"), "utf8")).toContain("answer = 42");
  expect(await runTask("build")).toMatchObject({ code: 0, stderr: "" });

  writeFileSync(join(checkout, "provider/index.ts"), "export const answer: number = 4711;\n");
  expect(await runTask("build")).toMatchObject({ code: 0, stderr: "Building…\n" });
  expect(readFileSync(join(checkout, "dist/provider/index.js"), "utf8")).toContain("answer = 4711");
});

test("what is built is told from what the sources have become since, and tests of it refuse to run then", async () => {
  const { isBuilt } = await import(join(checkout, "tools/setup/build.mjs"));
  expect(isBuilt()).toBe(false);
  await runTask("build");
  expect(isBuilt()).toBe(true);
  writeFileSync(join(checkout, "provider/lazy.ts"), 'export const lazy: string = "loaded at once";\n');
  expect(isBuilt()).toBe(false);
});

test("builds again what was deleted from dist, and deletes what has no source any more", async () => {
  const index = join(checkout, "provider/index.ts");
  const before = readFileSync(index, "utf8");
  writeFileSync(join(checkout, "provider/gone.ts"), "export const gone = true;\n");
  writeFileSync(index, `${before}export { gone } from "./gone.ts";\n`);
  await runTask("build");
  expect(existsSync(join(checkout, "dist/provider/gone.d.ts"))).toBe(true);
  rmSync(join(checkout, "provider/gone.ts"));
  writeFileSync(index, before);
  // As releases before the bundle have left it.
  writeFileSync(join(checkout, "dist/provider/lazy.js"), "");
  await runTask("build");
  expect(existsSync(join(checkout, "dist/provider/gone.d.ts"))).toBe(false);
  expect(existsSync(join(checkout, "dist/provider/lazy.js"))).toBe(false);

  rmSync(join(checkout, "dist/provider"), { recursive: true });
  await runTask("build");
  expect(existsSync(join(checkout, "dist/provider/index.js"))).toBe(true);
});

test("what is loaded later is built apart, and goes when nothing loads it any more", async () => {
  await runTask("build");
  const { load } = await import(join(checkout, "dist/provider/runtime.js"));
  expect(await load()).toMatchObject({ lazy: "loaded later" });
  expect(existsSync(join(checkout, "dist/provider/chunks/lazy.js"))).toBe(true);

  writeFileSync(join(checkout, "provider/runtime.ts"), "export const load = undefined;\n");
  await runTask("build");
  expect(existsSync(join(checkout, "dist/provider/chunks/lazy.js"))).toBe(false);
});

test("two builds at once both end well", async () => {
  const results = await Promise.all([runTask("build"), runTask("build")]);
  expect(results.map((result) => result.code)).toEqual([0, 0]);
  expect(existsSync(join(checkout, "dist/provider/index.js"))).toBe(true);
});

test("a build that fails fails the task, and is tried again the next time", async () => {
  writeFileSync(join(checkout, "provider/index.ts"), 'export const answer: number = "no";\n');
  const first = await runTask("build");
  expect(first.code).not.toBe(0);
  expect(first.stdout).toContain("provider/index.ts");
  expect((await runTask("test")).stdout).toMatch(/\n0 passed, 1 failed\n$/);
});

test.each(["SIGINT", "SIGTERM"] as const)(
  "passes %s on to the task and waits for its end",
  async (signal) => {
    const task = `
    process.on("${signal}", () => { console.log("cleaned up"); process.exit(5); });
    setInterval(() => {}, 1000);
    console.log("ready");`;
    writeFileSync(join(checkout, "tools/simulator.ts"), task);
    const child = start("simulator");
    if (child.stdout === null) throw new Error("no standard output");
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk;
      if (output === "ready\n") child.kill(signal);
    });
    const [code] = await once(child, "close");
    expect({ code, output }).toEqual({ code: 5, output: "ready\ncleaned up\n" });
  },
);
