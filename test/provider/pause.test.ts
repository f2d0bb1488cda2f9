import { getEventListeners } from "node:events";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { pauseFor } from "../../provider/pause.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What has become of it by now. */
function state(promise: Promise<void>): () => unknown {
  let now: unknown = "waits";
  promise.then(
    () => (now = "over"),
    (reason: unknown) => (now = reason),
  );
  return () => now;
}

test("a pause lasts as long as it is to, and leaves nothing behind", async () => {
  const { signal } = new AbortController();
  const pause = state(pauseFor(1000, signal));
  await vi.advanceTimersByTimeAsync(999);
  expect(pause()).toBe("waits");
  await vi.advanceTimersByTimeAsync(1);
  expect(pause()).toBe("over");
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test("who ends it earlier gets his own reason, and no timer is left", async () => {
  const stop = new AbortController();
  const reason = new Error("^C");
  const pause = state(pauseFor(1000, stop.signal));
  stop.abort(reason);
  await vi.advanceTimersByTimeAsync(0);
  expect(pause()).toBe(reason);
  expect(vi.getTimerCount()).toBe(0);
  await expect(pauseFor(1000, stop.signal)).rejects.toBe(reason);
  expect(vi.getTimerCount()).toBe(0);
});

test("without a signal nobody ends it", async () => {
  const pause = state(pauseFor(5));
  await vi.advanceTimersByTimeAsync(5);
  expect(pause()).toBe("over");
});
