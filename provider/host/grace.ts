import { abortable } from "../vim/soap/abortable.ts";
import { type RetryPolicy, withRetry } from "../vim/soap/retry.ts";
import { TransportError } from "../vim/soap/transport-error.ts";
import { HostError } from "./host-error.ts";

/**
 * Pulumi kills a process four seconds after ^C. Most of that time is for clearing away. Tests on busy machines set
 * more.
 */
export const LIMITS = { graceMs: 1500, cleanUpMs: 3500 };

/**
 * A signal that fires a moment after the given one. Calls that make something on the host get it. Their outcome is
 * mostly known soon, and must be known so that it can be cleared away.
 */
export function aMomentAfter(signal: AbortSignal): AbortSignal {
  const late = new AbortController();
  const begin = () => void setTimeout(() => late.abort(signal.reason), LIMITS.graceMs).unref();
  if (signal.aborted) begin();
  else signal.addEventListener("abort", begin);
  return late.signal;
}

/** The signal for clearing away after the given one has fired. If the run is to end at once, there is little time. */
const toClearAway = (signal: AbortSignal): AbortSignal =>
  signal.aborted ? AbortSignal.timeout(LIMITS.cleanUpMs) : signal;

/** True if the host does not answer. It then does not help to ask once more. */
export const isSilence = (error: unknown): boolean => error instanceof TransportError && error.isSilence;

const AGAIN: RetryPolicy = { attempts: 3, baseDelayMs: 100, maxDelayMs: 1000 };

/**
 * Does something that nobody does later if it fails now, so it is tried again. Examples are a look at what a failed
 * call has done, and a removal with the looks before it. What this package itself refuses is not tried again.
 * @param work Goes on where it has failed before.
 */
export const surely = <T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> =>
  withRetry(AGAIN, work, (error) => !(error instanceof HostError || isSilence(error)), signal);

/** The signal for a look that others share. It goes on when the one is stopped for whom it was begun. */
export const UNSTOPPED: AbortSignal = new AbortController().signal;

/** Waits for work that others share. A run that is to end does not wait for it: the signal's reason is thrown. */
export const untilStopped = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => abortable(work, signal);

/**
 * Clears away what a run has begun, after the run was ended or has failed.
 * @param signal The run's signal.
 * @param work As for {@link surely}. Its time is short if the run is to end at once.
 */
export function clearAway<T>(signal: AbortSignal, work: (limit: AbortSignal) => Promise<T>): Promise<T> {
  const limit = toClearAway(signal);
  return surely(limit, () => work(limit));
}
