import type { ServerResponse } from "node:http";
import { setTimeout } from "node:timers/promises";

/** @param ms 0 does not wait at all */
export async function sleep(ms: number): Promise<void> {
  if (ms > 0) await setTimeout(ms, undefined, { ref: false });
}

/** Ends when the client has gone or the server has closed the connection. */
export function closed(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (response.destroyed) resolve();
    else response.once("close", () => resolve());
  });
}
