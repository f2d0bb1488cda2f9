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
export const toClearAway = (signal: AbortSignal): AbortSignal =>
  signal.aborted ? AbortSignal.timeout(LIMITS.cleanUpMs) : signal;
