import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { clock } from "../../provider/clock.ts";
import { root } from "../../tools/setup/cache.mjs";

test("the clock goes on by itself when the time of day is set back", () => {
  const before = clock.now();
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 3_600_000 });
  try {
    expect(clock.now() - before).toBeGreaterThanOrEqual(0);
  } finally {
    vi.useRealTimers();
  }
});

test("nothing in the provider measures with the time of day", () => {
  const files = globSync("provider/**/*.ts", { cwd: root }).sort();
  expect(files).toContain("provider/clock.ts");
  const measuring = files.filter((file) => /\bDate\.now\b/.test(readFileSync(join(root, file), "utf8")));
  expect(measuring).toEqual([]);
});
