/**
 * How many resources a benchmark is to make, one run for each number.
 * @param variable Name of the environment variable that says so, as `50,200`.
 */
export function sizesFrom(variable: string, otherwise: readonly number[]): readonly number[] {
  const counts = process.env[variable]?.split(",").map(Number) ?? otherwise;
  if (counts.every((count) => Number.isInteger(count) && count > 0)) return counts;
  throw new Error(`${variable} must be whole numbers with commas between, as ${otherwise.join(",")}.`);
}
