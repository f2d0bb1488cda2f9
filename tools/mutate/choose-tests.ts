import type { Measured } from "./reach.ts";

/** The environment variable that names the chosen test files to vitest, one a line. */
export const MUTATE_TESTS = "MUTATE_TESTS";

/** What starting a file costs beside its tests, in seconds. */
const OVERHEAD = 0.3;

/**
 * Chooses the test files that run a source file, in the order in which they should run: first as few and as
 * short ones as call all of its functions that any calls, then those that call most of it per second.
 *
 * @param source its path in the checkout
 * @param seconds how long the files may take together; the first is always taken
 */
export function chooseTests(reach: readonly Measured[], source: string, seconds: number): string[] {
  const left = reach.filter(({ functions }) => functions[source] !== undefined);
  const chosen: string[] = [];
  const seen = new Set<number>();
  let total = 0;
  while (left.length > 0) {
    const worth = (test: Measured, anew: boolean) => {
      const called = (test.functions[source] ?? []).filter((offset) => !anew || !seen.has(offset));
      return called.length / (test.seconds + OVERHEAD);
    };
    const anew = left.some((test) => worth(test, true) > 0);
    left.sort((a, b) => worth(b, anew) - worth(a, anew) || a.seconds - b.seconds);
    const next = left.shift();
    if (next === undefined) break;
    for (const offset of next.functions[source] ?? []) seen.add(offset);
    if (chosen.length > 0 && total + next.seconds > seconds) continue;
    chosen.push(next.file);
    total += next.seconds;
  }
  return chosen;
}
