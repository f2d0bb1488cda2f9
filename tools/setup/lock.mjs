import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const HEARTBEAT_MS = 5_000;
const DEAD_AFTER_MS = 60_000;
const BREAKING_TAKES_AT_MOST_MS = 10_000;

export class LockTimeoutError extends Error {
  name = "LockTimeoutError";
}

export async function withLock(file, work, { timeoutMs = 20 * 60_000, pollMs = 200, onWait } = {}) {
  const release = await acquire(file, timeoutMs, pollMs, onWait);
  try {
    return await work();
  } finally {
    release();
  }
}

async function acquire(file, timeoutMs, pollMs, onWait) {
  mkdirSync(dirname(file), { recursive: true });
  const text = JSON.stringify({ pid: process.pid, hostname: hostname(), id: randomUUID() });
  const deadline = Date.now() + timeoutMs;
  for (let waited = false; ; waited = true) {
    if (claim(file, text)) return hold(file, text);
    const holder = readHolder(file);
    if (holder === undefined) continue;
    if (isStale(file, holder)) {
      breakStale(file);
      continue;
    }
    if (Date.now() > deadline) {
      throw new LockTimeoutError(
        `Waited ${Math.round(timeoutMs / 1000)} s for process ${holder.pid} on ${holder.hostname}, which holds ${file}. ` +
          "End that process, or delete the file if it has nothing to do with this project.",
      );
    }
    if (!waited) onWait?.(holder.pid);
    await sleep(pollMs);
  }
}

/** A link appears with its content in one step, which a created and then written file does not. */
function claim(file, text) {
  const draft = `${file}.${process.pid}-${randomUUID()}`;
  writeFileSync(draft, text);
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function hold(file, text) {
  const heartbeat = setInterval(() => touch(file), HEARTBEAT_MS);
  heartbeat.unref();
  return () => {
    clearInterval(heartbeat);
    if (readText(file) === text) rmSync(file, { force: true });
  };
}

function touch(file) {
  try {
    utimesSync(file, new Date(), new Date());
  } catch {
    // Somebody deleted the lock by hand: the work goes on, it just is not announced any more.
  }
}

function readText(file) {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** The holder, undefined when the lock was released meanwhile; unreadable content has a holder that is gone. */
function readHolder(file) {
  const text = readText(file);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return { pid: 0, hostname: hostname() };
  }
}

function isStale(file, holder) {
  if (holder.hostname === hostname() && !isAlive(holder.pid)) return true;
  return ageMs(file) > DEAD_AFTER_MS;
}

function isAlive(pid) {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function ageMs(file) {
  try {
    return Date.now() - statSync(file).mtimeMs;
  } catch {
    return 0;
  }
}

/**
 * Deletes a stale lock while holding a second one, and looks again first: two processes that both saw
 * the stale lock would otherwise delete each other's new one.
 */
function breakStale(file) {
  const breaking = `${file}.breaking`;
  if (!claim(breaking, String(process.pid))) {
    if (ageMs(breaking) > BREAKING_TAKES_AT_MOST_MS) rmSync(breaking, { force: true });
    return;
  }
  try {
    const holder = readHolder(file);
    if (holder !== undefined && isStale(file, holder)) rmSync(file, { force: true });
  } finally {
    rmSync(breaking, { force: true });
  }
}
