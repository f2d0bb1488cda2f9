/**
 * How many values a property is tried with, for `fc.assert`. The same ones in every run, so that a failure is one of this
 * change; `RANDOM_SEED=7 npm test -- random` tries others, and `RANDOM_TIMES=20` twenty times as many.
 */
export function draws(numRuns: number): { numRuns: number; seed: number } {
  const times = Number(process.env.RANDOM_TIMES ?? 1);
  return { numRuns: numRuns * times, seed: Number(process.env.RANDOM_SEED ?? 1) };
}
