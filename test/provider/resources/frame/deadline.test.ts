import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { deadline } from "../../../../provider/resources/frame/deadline.ts";
import type { Context } from "../../../../provider/resources/frame/lifecycle.ts";
import { StoppedError } from "../../../../provider/stopped-error.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function limited(seconds: number, signal = new AbortController().signal): Context {
  const say = () => {};
  const base: Context = {
    progress: { status: say, info: say, warn: say },
    signal,
    projectFolder: "/",
    host: () => {
      throw new Error("no host");
    },
  };
  return deadline(base, seconds, "createSeconds");
}

test("an operation ends when its time is over, and says what to change", () => {
  const { signal } = limited(10);
  vi.advanceTimersByTime(9_999);
  expect(signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(signal.reason).toEqual(
    new StoppedError("This took longer than 10 s. Allow more with timeouts.createSeconds."),
  );
});

test("a wait that others decide does not count", () => {
  const { signal, pauseLimit } = limited(10);
  vi.advanceTimersByTime(4_000);
  const [goOn, goOnToo] = [pauseLimit?.(), pauseLimit?.()];
  vi.advanceTimersByTime(100_000);
  goOn?.();
  goOn?.();
  vi.advanceTimersByTime(100_000);
  expect(signal.aborted).toBe(false);
  goOnToo?.();
  vi.advanceTimersByTime(5_999);
  expect(signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(signal.aborted).toBe(true);
});

test("the end of the run ends it too", () => {
  const run = new AbortController();
  const { signal } = limited(10, run.signal);
  run.abort("stopped");
  expect(signal.reason).toBe("stopped");
});
