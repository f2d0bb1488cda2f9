import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { aMomentAfter, toClearAway } from "../../../provider/host/grace.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a moment after the end of a run", () => {
  test("what makes something is ended, for the same reason, and not before", () => {
    const run = new AbortController();
    const late = aMomentAfter(run.signal);
    vi.advanceTimersByTime(60_000);
    run.abort(new Error("^C"));
    vi.advanceTimersByTime(1499);
    expect(late.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(late.aborted).toBe(true);
    expect(late.reason).toBe(run.signal.reason);
  });

  test("also what begins when the run has been told to end", () => {
    const late = aMomentAfter(AbortSignal.abort(new Error("^C")));
    expect(late.aborted).toBe(false);
    vi.advanceTimersByTime(1500);
    expect(late.aborted).toBe(true);
  });

  test("no process waits for that moment", () => {
    const wait = vi.spyOn(globalThis, "setTimeout");
    aMomentAfter(AbortSignal.abort());
    expect(wait.mock.results[0]?.value.hasRef()).toBe(false);
  });
});

describe("clearing away", () => {
  test("has the time of the run as long as that goes on", () => {
    const { signal } = new AbortController();
    expect(toClearAway(signal)).toBe(signal);
  });

  test("has a few seconds when the run is to end", () => {
    const limit = vi.spyOn(AbortSignal, "timeout");
    const signal = toClearAway(AbortSignal.abort());
    expect(signal.aborted).toBe(false);
    expect(limit).toHaveBeenCalledWith(3500);
  });
});
