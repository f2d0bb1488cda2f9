import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { madeOnce } from "../../../tools/setup/once.ts";

let cache: string;

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "once-test-"));
  vi.stubEnv("PULUMI_ESXI_CACHE", cache);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true, force: true });
});

test("makes a folder once for any number of callers", async () => {
  const make = vi.fn(async (draft: string) => writeFileSync(join(draft, "binary"), "bytes"));
  const folders = await Promise.all([madeOnce("tool/1.0", make), madeOnce("tool/1.0", make)]);
  expect(folders).toEqual([join(cache, "tool/1.0"), join(cache, "tool/1.0")]);
  expect(make).toHaveBeenCalledTimes(1);
  expect(readFileSync(join(cache, "tool/1.0/binary"), "utf8")).toBe("bytes");
});

test("leaves nothing half made when making fails, and makes it the next time", async () => {
  const failing = madeOnce("tool/1.0", async (draft) => {
    writeFileSync(join(draft, "half"), "");
    throw new Error("no compiler");
  });
  await expect(failing).rejects.toThrow("no compiler");
  expect(readdirSync(join(cache, "tool"))).toEqual([]);

  await madeOnce("tool/1.0", async (draft) => writeFileSync(join(draft, "binary"), ""));
  expect(readdirSync(join(cache, "tool/1.0"))).toEqual(["binary"]);
});
