import { setTimeout as pauseFor } from "node:timers/promises";

/** What begins within so many milliseconds goes to the host together. */
const SOON_MS = 2;
/** The same in a run of many resources, where fewer calls are worth more than the moment. */
const PATIENT_MS = 80;
/** By then a run has many resources: each is checked and made, or deleted. */
const MANY_OPERATIONS = 24;

let operations = 0;

/** To be told of each operation of each resource. */
export function countOperation(): void {
  operations += 1;
}

/** How long it is, in milliseconds, until what has been gathered goes to the host: the same moment for all who ask. */
export function untilGathered(): number {
  const interval = operations > MANY_OPERATIONS ? PATIENT_MS : SOON_MS;
  return interval - (performance.now() % interval);
}

/** Resolves at that moment. */
export async function gathered(): Promise<void> {
  await pauseFor(untilGathered());
}
