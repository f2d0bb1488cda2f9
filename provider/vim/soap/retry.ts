import { pauseFor } from "../../pause.ts";

export interface RetryPolicy {
  /** How often the work is tried in total. */
  readonly attempts: number;
  /** The longest first pause, in milliseconds. Each further pause may be twice as long, up to `maxDelayMs`. */
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = { attempts: 5, baseDelayMs: 250, maxDelayMs: 5_000 };

/** Tries the work again while `mayRepeat` allows it, with growing, random pauses. Rejects with the last error. */
export async function withRetry<T>(
  policy: RetryPolicy,
  work: () => Promise<T>,
  mayRepeat: (error: unknown) => boolean,
  signal?: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= policy.attempts || signal?.aborted || !mayRepeat(error)) throw error;
      await pause(policy, attempt, signal);
    }
  }
}

/** Waits before the attempt after the given one. Rejects with the signal's reason. */
export function pause(policy: RetryPolicy, attempt: number, signal?: AbortSignal): Promise<void> {
  return pauseFor(pauseMs(policy, attempt, Math.random()), signal);
}

/**
 * The pause after the given attempt. Half of it is fixed, half random, so that clients that failed together do not
 * return together.
 * @param chance From 0 to 1.
 */
export function pauseMs(policy: RetryPolicy, attempt: number, chance: number): number {
  const longest = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (attempt - 1));
  return longest * (0.5 + chance / 2);
}
