import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { root } from "../../../tools/setup/cache.mjs";
import { runVitest } from "../../../tools/test/vitest.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vitest-test-"));
  mkdirSync(join(folder, "test"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs vitest over the given test files, without its output for people. */
function runOver(files: Record<string, string>, ...args: string[]) {
  for (const [name, body] of Object.entries(files)) {
    const text = `import { beforeAll, describe, expect, test } from "vitest";\n${body}`;
    writeFileSync(join(folder, "test", `${name}.test.ts`), text);
  }
  // A reporter that somebody names, beside the one that counts.
  const silent = ["--reporter=json", `--outputFile=${join(folder, "told.json")}`];
  return runVitest(["--root", folder, "--config", join(root, "vitest.config.ts"), ...silent, ...args], {});
}

test("counts tests that passed and failed, and names the skipped ones with their reason", async () => {
  const outcome = await runOver({
    some: `
      test("passes", () => {});
      test("fails", () => expect(1).toBe(2));
      describe("with a tool", () => test("needs it", (context) => context.skip("there is no such tool")));
      test.skip("is left out", () => {});`,
  });
  expect(outcome).toEqual({
    passed: 1,
    failed: 1,
    skipped: [
      { name: "test/some.test.ts > with a tool > needs it", reason: "there is no such tool" },
      { name: "test/some.test.ts > is left out" },
    ],
  });
});

test("counts a file that cannot be loaded, a hook that throws and a stray rejection as failures", async () => {
  const outcome = await runOver({
    broken: 'import "../../../provider/resources/preview/missing.ts";',
    hook: 'describe("group", () => { beforeAll(() => { throw new Error("no"); }); test("never runs", () => {}); });',
    stray: 'test("passes", () => { Promise.reject(new Error("nobody waits for this")); });',
  });
  expect(outcome).toMatchObject({ passed: 1, failed: 3 });
});

test("counts a run without any test as a failure", async () => {
  expect(await runOver({ some: 'test("passes", () => {});' }, "no-such-file")).toMatchObject({
    passed: 0,
    failed: 1,
  });
});
