import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadUndici } from "../../provider/http-library.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const require = createRequire(import.meta.url);

test("what talks to a host is undici's own, loaded without the rest of it", () => {
  const loaded: string[] = [];
  const recorded = (name: string) => {
    loaded.push(name);
    return require(name);
  };
  const parts = loadUndici(Object.assign(recorded, require));
  expect(loaded.length).toBeGreaterThan(0);
  expect(loaded).not.toContain("undici");
  const { Agent, buildConnector, errors }: typeof import("undici") = require("undici");
  expect(parts).toEqual({ Agent, buildConnector, errors });
});

/** A package of that name and nothing but an entry; what loads it from there. */
async function packageOf(folder: string, manifest: object): Promise<NodeJS.Require> {
  const undici = join(folder, "node_modules/undici");
  await mkdir(undici, { recursive: true });
  await writeFile(join(undici, "package.json"), JSON.stringify({ name: "undici", ...manifest }));
  await writeFile(join(undici, "index.js"), 'exports.Agent = "the whole one";');
  return createRequire(join(folder, "program.js"));
}

test.each([
  ["keeps its parts elsewhere", {}],
  ["does not let them be loaded", { exports: "./index.js" }],
])("a release of undici that %s is taken as a whole", async (_what, manifest) => {
  const folder = await temporaryFolder();
  try {
    expect(loadUndici(await packageOf(folder.path, manifest)).Agent).toBe("the whole one");
  } finally {
    await folder.remove();
  }
});
