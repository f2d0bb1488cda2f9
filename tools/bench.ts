/**
 * `npm run bench [-- NAME…]`: measures the product through the real `pulumi`, beside others doing the same work in the
 * same run. docs/bench.md says what each benchmark measures. BENCH_ROUNDS sets how often each variant runs.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { BENCHMARKS } from "../bench/index.ts";
import { stopCommands } from "../bench/support/command.ts";
import { type BenchResult, meets, table } from "../bench/support/result.ts";
import { spreadOf } from "../bench/support/statistics.ts";
import { root } from "./setup/cache.mjs";

const ROUNDS = 5;

async function main(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !BENCHMARKS.some((benchmark) => benchmark.name === name));
  if (unknown.length > 0) {
    const known = BENCHMARKS.map(({ name }) => name).join(", ");
    throw new Error(`There is no benchmark ${unknown.join(", ")}; there are ${known}.`);
  }
  const asked = process.env.BENCH_ROUNDS === undefined ? undefined : Number(process.env.BENCH_ROUNDS);
  if (asked !== undefined && (!Number.isInteger(asked) || asked < 1))
    throw new Error("BENCH_ROUNDS must be a whole number from 1 on.");
  console.log("Medians, with the smallest and the largest value in brackets.");
  for (const benchmark of BENCHMARKS) {
    if (names.length > 0 && !names.includes(benchmark.name)) continue;
    console.log(`\n${benchmark.name}: ${benchmark.title}`);
    const rounds = asked ?? benchmark.rounds ?? ROUNDS;
    const folder = mkdtempSync(join(tmpdir(), "esxi-bench-files-"));
    try {
      const result = await benchmark.run({ rounds, folder });
      for (const line of [...table(result.rows), ...(result.notes ?? []).map((note) => `  ${note}`)]) {
        console.log(line);
      }
      save(benchmark.name, rounds, result);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

function save(name: string, rounds: number, { rows, notes }: BenchResult): void {
  const folder = join(root, "bench/results");
  mkdirSync(folder, { recursive: true });
  const date = new Date().toISOString();
  const file = join(folder, `${name}-${date.replaceAll(/[:.]/g, "-")}.json`);
  const result = {
    benchmark: name,
    date,
    commit: commit(),
    machine: { processor: cpus()[0]?.model, cores: cpus().length, node: process.version },
    rounds,
    rows: rows.map((row) => ({ ...row, ...spreadOf(row.samples), met: meets(row) })),
    notes,
  };
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
}

function commit(): string | undefined {
  try {
    return execFileSync("git", ["describe", "--always", "--dirty"], { cwd: root, encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stopCommands);

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
