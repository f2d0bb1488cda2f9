import { describe, expect, test, vi } from "vitest";
import { DEFAULT_RETRY, pause, pauseMs, withRetry } from "../../../../provider/vim/soap/retry.ts";

const QUICK = { attempts: 3, baseDelayMs: 0, maxDelayMs: 0 };

/** Work that fails so often. */
function work(failures: number) {
  let tries = 0;
  return vi.fn(async () => {
    tries++;
    if (tries <= failures) throw new Error(`failure ${tries}`);
    return "done";
  });
}

describe("work that fails", () => {
  test("is tried again until it is done, or has been tried so often; the last error counts", async () => {
    const [recovers, fails] = [work(2), work(9)];
    expect(await withRetry(QUICK, recovers, () => true)).toBe("done");
    expect(recovers).toHaveBeenCalledTimes(3);
    await expect(withRetry(QUICK, fails, () => true)).rejects.toThrow("failure 3");
    expect(fails).toHaveBeenCalledTimes(3);
  });

  test("is not tried again if its error says so", async () => {
    const once = work(1);
    const mayRepeat = vi.fn(() => false);
    await expect(withRetry(QUICK, once, mayRepeat)).rejects.toThrow("failure 1");
    expect(once).toHaveBeenCalledTimes(1);
    expect(mayRepeat).toHaveBeenCalledWith(new Error("failure 1"));
  });

  test("is not tried again once the run is to end, and its own error counts", async () => {
    const once = work(1);
    const ended = AbortSignal.abort(new Error("^C"));
    await expect(withRetry(QUICK, once, () => true, ended)).rejects.toThrow("failure 1");
    expect(once).toHaveBeenCalledTimes(1);
  });

  test("is tried five times in a few seconds, unless its caller says otherwise", () => {
    expect(DEFAULT_RETRY).toEqual({ attempts: 5, baseDelayMs: 250, maxDelayMs: 5000 });
  });
});

describe("the pause before it is tried again", () => {
  const policy = { attempts: 9, baseDelayMs: 100, maxDelayMs: 1000 };
  test.each([
    [1, 0, 50],
    [1, 1, 100],
    [2, 1, 200],
    [3, 0.5, 300],
    [4, 1, 800],
    [5, 1, 1000],
    [8, 0, 500],
  ])("after the %i. attempt, with chance %f, is %i ms", (attempt, chance, expected) => {
    expect(pauseMs(policy, attempt, chance)).toBe(expected);
  });

  test("ends at once, with the reason, when the run is to end", async () => {
    const run = new AbortController();
    const waiting = pause({ attempts: 2, baseDelayMs: 1e6, maxDelayMs: 1e6 }, 1, run.signal);
    const reason = new Error("^C");
    run.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });
});
