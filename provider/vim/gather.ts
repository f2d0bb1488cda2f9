import { setTimeout as pauseFor } from "node:timers/promises";

/** What begins within so many milliseconds goes to the host together: fewer calls are worth more than the moment. */
const GATHER_MS = 40;

/** How long it is, in milliseconds, until what has been gathered goes to the host: the same moment for all who ask. */
export function untilGathered(): number {
  return GATHER_MS - (performance.now() % GATHER_MS);
}

/** Resolves at that moment. */
export async function gathered(): Promise<void> {
  await pauseFor(untilGathered());
}
