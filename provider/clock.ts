/**
 * How much time has passed, for durations and for the age of what was read. The time of day is not for that: it jumps,
 * backwards too, when a clock is set right.
 */
export const clock = {
  /** Whole milliseconds since this process began, so that what begins together begins at the same time. */
  now: (): number => Math.floor(performance.now()),
};
