import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { timed } from "../../../../provider/resources/frame/deadline.ts";
import type { Context } from "../../../../provider/resources/frame/lifecycle.ts";
import { StoppedError } from "../../../../provider/stopped-error.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function base(signal = new AbortController().signal): Context {
  const say = () => {};
  return {
    progress: { status: say, info: say, warn: say },
    signal,
    projectFolder: "/",
    host: () => {
      throw new Error("no host");
    },
  };
}

function limited(seconds: number, signal?: AbortSignal): Context {
  return timed(base(signal), { createSeconds: seconds }, "create");
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
  vi.advanceTimersByTime(50_000);
  const { signal, pauseLimit } = limited(10);
  vi.advanceTimersByTime(4_000);
  const goOn = pauseLimit?.();
  vi.advanceTimersByTime(50_000);
  const goOnToo = pauseLimit?.();
  vi.advanceTimersByTime(50_000);
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

test("an operation of which the program says nothing has half an hour, or what its kind allows", () => {
  const ends = (timeouts: unknown, usual?: number) => {
    const { signal } = timed(base(), timeouts, "update", usual);
    const began = Date.now();
    while (!signal.aborted) vi.advanceTimersToNextTimer();
    return (Date.now() - began) / 1000;
  };
  expect(ends(undefined)).toBe(1800);
  expect(ends({ createSeconds: 5 })).toBe(1800);
  expect(ends({}, 14_400)).toBe(14_400);
  expect(ends({ updateSeconds: 7 }, 14_400)).toBe(7);
});
