import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../../../tools/setup/cache.mjs";

test("Python packages are named with version and digest", () => {
  const lines = readFileSync(join(root, "tools/prerequisites/pyvmomi.txt"), "utf8").trim().split("\n");
  for (const line of lines) expect(line).toMatch(/^[\w-]+==[\w.]+( --hash=sha256:[\da-f]{64})+$/);
});

test("each Go module has the sums of all that it is made of", () => {
  const folder = join(root, "tools/cli/go");
  const modules = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith("go.mod"),
  );
  expect(modules.length).toBeGreaterThan(2);
  for (const module of modules) {
    expect(existsSync(join(folder, dirname(module), "go.sum")), module).toBe(true);
    expect(readFileSync(join(folder, module), "utf8")).not.toMatch(/\blatest\b/);
  }
});

test("each npm package has its digest", () => {
  const tools = join(root, "tools/prerequisites/npm");
  const locks = [root, ...readdirSync(tools).map((name) => join(tools, name))];
  expect(locks.length).toBeGreaterThan(2);
  for (const folder of locks) {
    const lock = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8")) as {
      readonly packages: Readonly<Record<string, { readonly integrity?: string; readonly link?: boolean }>>;
    };
    const without = Object.entries(lock.packages).filter(
      ([path, { integrity, link }]) => path !== "" && link !== true && integrity === undefined,
    );
    expect(
      without.map(([path]) => path),
      folder,
    ).toEqual([]);
  }
});

test("each tool from npm is named with its version", () => {
  const tools = join(root, "tools/prerequisites/npm");
  for (const name of readdirSync(tools)) {
    const { dependencies } = JSON.parse(readFileSync(join(tools, name, "package.json"), "utf8")) as {
      readonly dependencies: Readonly<Record<string, string>>;
    };
    expect(dependencies[name]).toMatch(/^\d+\.\d+\.\d+$/);
  }
});
