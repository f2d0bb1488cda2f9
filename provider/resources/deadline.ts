import type { Context } from "./lifecycle.ts";

/**
 * The same context, its signal also aborted when the operation's own time limit is over.
 * @param setting Which of `timeouts` the limit comes from, for the message.
 */
export function deadline(context: Context, seconds: number, setting: string): Context {
  const limit = AbortSignal.timeout(seconds * 1000);
  const over = new AbortController();
  limit.addEventListener("abort", () => {
    over.abort(new Error(`This took longer than ${seconds} s. Allow more with timeouts.${setting}.`));
  });
  return { ...context, signal: AbortSignal.any([context.signal, over.signal]) };
}
