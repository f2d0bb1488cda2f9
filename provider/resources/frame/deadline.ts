import { clock } from "../../clock.ts";
import { StoppedError } from "../../stopped-error.ts";
import type { Context } from "./lifecycle.ts";

type Operation = "create" | "update" | "delete";

/** Longest time for what uploads or copies disks or files. */
export const COPYING_SECONDS = 14_400;

/** Longest time for an operation, where neither the program nor the kind of resource says another, in seconds. */
const USUAL_SECONDS = 1800;

/**
 * The same context with the time limit of an operation as a whole.
 * @param timeouts The setting of that name.
 * @param usual Seconds, where the program does not say. Default 1800.
 */
export function timed(
  context: Context,
  timeouts: unknown,
  operation: Operation,
  usual = USUAL_SECONDS,
): Context {
  const setting = `${operation}Seconds` as const;
  const asked = (timeouts ?? {}) as { readonly [K in typeof setting]?: number | undefined };
  return deadline(context, asked[setting] ?? usual, setting);
}

/**
 * The same context with a signal that is also aborted when the operation's own time is over.
 * @param setting Which of `timeouts` the limit comes from, for the message.
 */
function deadline(context: Context, seconds: number, setting: string): Context {
  const over = new AbortController();
  let leftMs = seconds * 1000;
  let paused = 0;
  let began = 0;
  let timer: NodeJS.Timeout | undefined;
  const run = () => {
    began = clock.now();
    timer = setTimeout(() => {
      over.abort(
        new StoppedError(`This took longer than ${seconds} s. Allow more with timeouts.${setting}.`),
      );
    }, leftMs).unref();
  };
  const pauseLimit = () => {
    if (paused++ === 0) {
      clearTimeout(timer);
      leftMs -= clock.now() - began;
    }
    let isPaused = true;
    return () => {
      if (isPaused && --paused === 0) run();
      isPaused = false;
    };
  };
  run();
  return { ...context, signal: AbortSignal.any([context.signal, over.signal]), pauseLimit };
}
