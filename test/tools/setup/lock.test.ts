import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LockTimeoutError, withLock } from "../../../tools/setup/lock.mjs";

const MODULE = new URL("../../../tools/setup/lock.mjs", import.meta.url);

let folder: string;
let lock: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lock-test-"));
  lock = join(folder, "work.lock");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("gives back what the work returns and leaves no lock", async () => {
  expect(await withLock(lock, () => "done")).toBe("done");
  expect(existsSync(lock)).toBe(false);
});

test("leaves no lock when the work throws", async () => {
  const failing = withLock(lock, () => Promise.reject(new Error("broken")));
  await expect(failing).rejects.toThrow("broken");
  expect(existsSync(lock)).toBe(false);
});

test("lets one process at a time do the work", async () => {
  const counter = join(folder, "counter");
  writeFileSync(counter, "0");
  const script = `
    import { readFileSync, writeFileSync } from "node:fs";
    import { withLock } from ${JSON.stringify(MODULE.href)};
    for (let i = 0; i < 20; i++) {
      await withLock(${JSON.stringify(lock)}, async () => {
        const value = Number(readFileSync(${JSON.stringify(counter)}, "utf8"));
        await new Promise(setImmediate);
        writeFileSync(${JSON.stringify(counter)}, String(value + 1));
      }, { pollMs: 1 });
    }`;
  const exits = Array.from({ length: 4 }, () =>
    once(spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "inherit" }), "close"),
  );
  expect(await Promise.all(exits)).toEqual(Array(4).fill([0, null]));
  expect(readFileSync(counter, "utf8")).toBe("80");
});

test("takes over from a process that was killed", async () => {
  const child = spawn(process.execPath, ["-e", "process.stdin.resume()"]);
  await once(child, "spawn");
  writeFileSync(lock, JSON.stringify({ pid: child.pid, hostname: hostname(), id: "killed" }));
  const waiting = withLock(lock, () => "mine", { pollMs: 1 });
  child.kill("SIGKILL");
  await once(child, "close");
  expect(await waiting).toBe("mine");
});

test("takes over from a process elsewhere that gave no sign of life for a minute", async () => {
  writeFileSync(lock, JSON.stringify({ pid: 1, hostname: "another", id: "silent" }));
  const longAgo = new Date(Date.now() - 61_000);
  utimesSync(lock, longAgo, longAgo);
  expect(await withLock(lock, () => "mine")).toBe("mine");
});

test("says once whom it waits for and gives up after the time-out, leaving the lock to its holder", async () => {
  const text = JSON.stringify({ pid: process.pid, hostname: hostname(), id: "holder" });
  writeFileSync(lock, text);
  const waitedFor: number[] = [];
  const options = { timeoutMs: 30, pollMs: 1, onWait: (pid: number) => waitedFor.push(pid) };
  const waiting = withLock(lock, () => "never", options);
  await expect(waiting).rejects.toThrow(LockTimeoutError);
  expect(waitedFor).toEqual([process.pid]);
  expect(readFileSync(lock, "utf8")).toBe(text);
});
