import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { ageClock, clock } from "../../provider/clock.ts";
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

test("the time that a computer sleeps counts for the age of what was read, and a time of day set back does not", () => {
  const before = ageClock.now();
  const hour = 3_600_000;
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + hour });
  try {
    expect(ageClock.now() - before).toBeGreaterThanOrEqual(hour - 1);
    expect(clock.now()).toBeLessThan(before + hour);
    vi.setSystemTime(Date.now() - 2 * hour);
    expect(ageClock.now() - before).toBeGreaterThanOrEqual(hour - 1);
  } finally {
    vi.useRealTimers();
  }
});

test("nothing in the provider measures with the time of day but the clocks", () => {
  const files = globSync("provider/**/*.ts", { cwd: root }).sort();
  const measuring = files.filter((file) => /\bDate\.now\b/.test(readFileSync(join(root, file), "utf8")));
  expect(measuring).toEqual(["provider/clock.ts"]);
});
