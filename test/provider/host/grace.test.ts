import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { aMomentAfter, clearAway, isSilence, surely, untilStopped } from "../../../provider/host/grace.ts";
import { HostError } from "../../../provider/host/host-error.ts";
import { TransportError } from "../../../provider/vim/soap/transport-error.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  // First what stands before the false clock: else that would come back with it, for other files too.
  vi.restoreAllMocks();
  vi.useRealTimers();
});

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
  test("has the time of the run as long as that goes on", async () => {
    const { signal } = new AbortController();
    expect(await clearAway(signal, async (limit) => limit)).toBe(signal);
  });

  test("has a few seconds when the run is to end", async () => {
    const limit = vi.spyOn(AbortSignal, "timeout");
    const signal = await clearAway(AbortSignal.abort(), async (given) => given);
    expect(signal.aborted).toBe(false);
    expect(limit).toHaveBeenCalledWith(3500);
  });

  test.each([
    [2, "done"],
    [3, "not now"],
  ])("is tried three times: %i failures", async (failures, outcome) => {
    let tries = 0;
    const work = async () => {
      if (++tries <= failures) throw new Error("not now");
      return "done";
    };
    const clearing = clearAway(new AbortController().signal, work).catch((error: Error) => error.message);
    await vi.runAllTimersAsync();
    expect(await clearing).toBe(outcome);
    expect(tries).toBe(3);
  });

  test("ends with what this package refuses, with a host's silence, and with the time that there is", async () => {
    const refused = new HostError("somebody needs it");
    const work = vi.fn().mockRejectedValue(refused);
    await expect(clearAway(new AbortController().signal, work)).rejects.toBe(refused);
    const silent = new TransportError("it is not there", { host: "esxi1", requestSent: "unknown" });
    silent.isSilence = true;
    work.mockRejectedValue(silent);
    await expect(clearAway(new AbortController().signal, work)).rejects.toBe(silent);
    work.mockRejectedValue(new Error("the time is over"));
    await expect(surely(AbortSignal.abort(), work)).rejects.toThrow("the time is over");
    expect(work).toHaveBeenCalledTimes(3);
  });
});

test("work that others share is waited for to its end, or to that of the run", async () => {
  const { signal } = new AbortController();
  expect(await untilStopped(Promise.resolve("done"), signal)).toBe("done");
  const reason = new Error("^C");
  await expect(untilStopped(new Promise(() => {}), AbortSignal.abort(reason))).rejects.toBe(reason);
});

test("a host is silent if it gives no answer, whatever else goes wrong on the way", () => {
  const lost = new TransportError("lost", { host: "esxi1", requestSent: true });
  expect([isSilence(lost), isSilence(new Error("no")), isSilence({ isSilence: true })]).toEqual([
    false,
    false,
    false,
  ]);
  lost.isSilence = true;
  expect(isSilence(lost)).toBe(true);
});
