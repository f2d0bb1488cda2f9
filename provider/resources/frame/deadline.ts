import { clock } from "../../clock.ts";
import { StoppedError } from "../../stopped-error.ts";
import type { Context } from "./lifecycle.ts";

/**
 * The same context with a signal that is also aborted when the operation's own time is over.
 * @param setting Which of `timeouts` the limit comes from, for the message.
 */
export function deadline(context: Context, seconds: number, setting: string): Context {
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
