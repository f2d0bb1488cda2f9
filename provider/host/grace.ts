import { type RetryPolicy, withRetry } from "../vim/soap/retry.ts";
import { TransportError } from "../vim/soap/transport-error.ts";
import { HostError } from "./host-error.ts";

/** Pulumi kills a process four seconds after ^C; most of them are for clearing away. Tests on busy machines give more. */
export const LIMITS = { graceMs: 1500, cleanUpMs: 3500 };

/**
 * A signal that fires a moment after that one. What makes something on the host is given it: its outcome must be known to be
 * cleared away, and is mostly known soon.
 */
export function aMomentAfter(signal: AbortSignal): AbortSignal {
  const late = new AbortController();
  const begin = () => void setTimeout(() => late.abort(signal.reason), LIMITS.graceMs).unref();
  if (signal.aborted) begin();
  else signal.addEventListener("abort", begin);
  return late.signal;
}

/** The signal for clearing away what that one has ended: a run that is to end at once has little time for it. */
const toClearAway = (signal: AbortSignal): AbortSignal =>
  signal.aborted ? AbortSignal.timeout(LIMITS.cleanUpMs) : signal;

/** True if the host does not answer: then it does not help to ask it once more. */
export const isSilence = (error: unknown): boolean => error instanceof TransportError && error.isSilence;

const AGAIN: RetryPolicy = { attempts: 3, baseDelayMs: 100, maxDelayMs: 1000 };

/**
 * Does what nobody does later if it fails now, so it is tried again: a look at what a failed call has done, or a removal with
 * the looks before it. What this package itself refuses stays refused.
 * @param work Goes on where it has failed before.
 */
export const surely = <T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> =>
  withRetry(AGAIN, work, (error) => !(error instanceof HostError || isSilence(error)), signal);

/**
 * Clears away what a run has begun that was ended or has failed.
 * @param signal The run's.
 * @param work As for {@link surely}. Its limit is short if the run is to end at once.
 */
export function clearAway<T>(signal: AbortSignal, work: (limit: AbortSignal) => Promise<T>): Promise<T> {
  const limit = toClearAway(signal);
  return surely(limit, () => work(limit));
}
