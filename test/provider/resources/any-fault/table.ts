/**
 * A fault at any request of any step of a resource's life: the same run reaches what was asked for, or the next one does;
 * nothing is left over, and nothing of others is touched. The raw host is asked after every step.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { LIMITS } from "../../../../provider/host/grace.ts";
import { Bench, Orphaned } from "./bench.ts";
import { drawsFor, MORE } from "./draw.ts";
import { type Row, STEPS } from "./row.ts";

/** One test for each row. */
export function anyFault(rows: readonly Row[]): void {
  // What is left over is not to depend on how busy this machine is.
  const usual = { ...LIMITS };
  beforeAll(() => void Object.assign(LIMITS, { graceMs: 60_000, cleanUpMs: 120_000 }));
  // Other files run in this process too.
  afterAll(() => void Object.assign(LIMITS, usual));
  // All of them take a busy machine hours.
  const timeout = MORE ? 0 : 600_000;
  test.concurrent.each(rows)("$title", { timeout }, async (row) => {
    let bench = await Bench.open(row);
    try {
      const draws = STEPS.map((step) => drawsFor(row, step, bench.requests[step]));
      const rounds = Math.max(...draws.map(({ length }) => length));
      const problems: string[] = [];
      for (let round = 0; round < rounds; round++) {
        const [create, update, remove] = draws.map((list) => list[round]);
        try {
          await bench.live({ create, update, delete: remove });
        } catch (error) {
          if (!(error instanceof Orphaned)) problems.push(`${bench.doing}: ${String(error)}`);
          await bench.close();
          bench = await Bench.open(row);
        }
      }
      expect(problems.join("\n\n")).toBe("");
    } finally {
      await bench.close();
    }
  });
}
