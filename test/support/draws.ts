/**
 * How many values a property is tried with, for `fc.assert`. The same ones in every run, so that a failure is one of this
 * change; `RANDOM_SEED=7 npm test -- random` tries others.
 */
export function draws(numRuns: number): { numRuns: number; seed: number } {
  return { numRuns, seed: Number(process.env.RANDOM_SEED ?? 1) };
}
