import { setTimeout as pauseFor } from "node:timers/promises";

/** What begins within so many milliseconds goes to the host together. */
const SOON_MS = 2;
/** The same while many resources are worked on, where fewer calls are worth more than the moment. */
const PATIENT_MS = 80;
/** A short run is over before patience pays: so many gatherings go without. */
const SHORT_RUN = 40;
/** From so many operations at once on, others are likely to join. */
const CROWD = 4;

let gatherings = 0;
let operations = 0;

/** Runs an operation of one resource; the more of them run at once, the longer it pays to gather what they ask the host. */
export async function besideOthers<T>(operation: () => Promise<T>): Promise<T> {
  operations += 1;
  try {
    return await operation();
  } finally {
    operations -= 1;
  }
}

/** How long it is, in milliseconds, until what has been gathered goes to the host: the same moment for all who ask. */
export function untilGathered(): number {
  gatherings += 1;
  const interval = gatherings > SHORT_RUN && operations >= CROWD ? PATIENT_MS : SOON_MS;
  return interval - (performance.now() % interval);
}

/** Resolves at that moment. */
export async function gathered(): Promise<void> {
  await pauseFor(untilGathered());
}
