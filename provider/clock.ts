/**
 * How much time has passed, for durations. The time of day is not for that: it jumps, backwards too, when a clock is set
 * right.
 */
export const clock = {
  /** Whole milliseconds since this process began, so that what begins together begins at the same time. */
  now: (): number => Math.floor(performance.now()),
};

let passed = 0;
let before = { awake: performance.now(), day: Date.now() };

/**
 * How much time has passed, for the age of what was read. It counts the time that the computer sleeps too. `clock` stands
 * still meanwhile on Linux and macOS, and an old look would be taken for a new one when a laptop is opened again.
 */
export const ageClock = {
  /** Whole milliseconds. It never goes back. If the time of day is set forward, that time counts as passed. */
  now(): number {
    const now = { awake: performance.now(), day: Date.now() };
    passed += Math.max(0, now.awake - before.awake, now.day - before.day);
    before = now;
    return Math.floor(passed);
  },
};
