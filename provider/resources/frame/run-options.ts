import type { Context } from "./lifecycle.ts";

/** What an operation on a host is given of its context: when to end, and where to tell of itself. */
export const runOptions = ({ signal, progress }: Pick<Context, "signal" | "progress">) => ({
  signal,
  onStatus: (text: string) => progress.status(text),
  onWarning: (text: string) => progress.warn(text),
});
