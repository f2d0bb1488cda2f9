import { Chance } from "./chance.ts";
import type { FuzzPart } from "./fuzz-part.ts";

/** What reading one input may take of the processor. */
const MOST_CPU_SECONDS = 2;
/** How much the process may grow while it reads inputs that are a few hundred kilobytes at most. */
const MOST_GROWTH_BYTES = 512 * 1024 * 1024;

/** An input that our code did not stand, and how to try it again. */
class FuzzFinding extends Error {
  override readonly name = "FuzzFinding";

  constructor(part: FuzzPart, seed: number, what: string, cause?: unknown) {
    super(`${part.name}, seed ${seed}: ${what}. Again: npm run fuzz -- --part ${part.name} --seed ${seed}`, {
      cause,
    });
  }
}

/**
 * Tries inputs of consecutive seeds.
 * @param goOn asked before each; `tried` is how many there were
 * @throws FuzzFinding for the first that ends in an unexpected error, takes too long or too much memory
 */
export async function runPart(
  part: FuzzPart,
  firstSeed: number,
  goOn: (tried: number, seed: number) => boolean,
): Promise<number> {
  const close = await part.open?.();
  try {
    const before = process.memoryUsage.rss();
    let tried = 0;
    for (let seed = firstSeed; goOn(tried, seed); seed++, tried++) await tryOne(part, seed, before);
    return tried;
  } finally {
    await close?.();
  }
}

async function tryOne(part: FuzzPart, seed: number, rssBefore: number): Promise<void> {
  const started = process.cpuUsage();
  try {
    await part.tryOne(new Chance(seed));
  } catch (error) {
    if (!part.isExpected(error)) {
      throw new FuzzFinding(part, seed, error instanceof Error ? String(error.stack) : String(error), error);
    }
  }
  const { user, system } = process.cpuUsage(started);
  const seconds = (user + system) / 1e6;
  if (seconds > MOST_CPU_SECONDS) throw new FuzzFinding(part, seed, `took ${seconds.toFixed(1)} s`);
  const grown = process.memoryUsage.rss() - rssBefore;
  if (grown > MOST_GROWTH_BYTES) {
    throw new FuzzFinding(part, seed, `the process grew by ${Math.round(grown / 2 ** 20)} MiB`);
  }
}
