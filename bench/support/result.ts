import { type Spread, spreadOf } from "./statistics.ts";

/** One line of a benchmark's table. */
export interface Row {
  readonly label: string;
  /** `MB/s`, `s`, `MB`, `calls` …; the empty text for a ratio. */
  readonly unit: string;
  readonly samples: readonly number[];
  readonly goal?: Goal | undefined;
}

/** What the median is held against. */
interface Goal {
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** What a benchmark found out. */
export interface BenchResult {
  readonly rows: readonly Row[];
  /** Further text for the reader, such as counts by name. */
  readonly notes?: readonly string[];
}

/** What a benchmark works with. */
interface BenchContext {
  /** How often each variant runs. */
  readonly rounds: number;
  /** A folder for large files; removed at the end. */
  readonly folder: string;
}

export interface Benchmark {
  readonly name: string;
  readonly title: string;
  /** How often each variant runs unless BENCH_ROUNDS says otherwise. Default: five times. */
  readonly rounds?: number;
  run(context: BenchContext): Promise<BenchResult>;
}

/** Whether the median keeps to the goal; undefined if there is none. */
export function meets(row: Row): boolean | undefined {
  if (row.goal === undefined) return undefined;
  const { atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = row.goal;
  const { median } = spreadOf(row.samples);
  return median >= atLeast && median <= atMost;
}

/** The rows as lines of text with the columns in line. */
export function table(rows: readonly Row[]): string[] {
  const labels = Math.max(...rows.map(({ label }) => label.length));
  return rows.map((row) => {
    const spread = spreadOf(row.samples);
    return `  ${row.label.padEnd(labels)}  ${spreadText(spread, row.unit)}${goalText(row)}`;
  });
}

function spreadText({ median, min, max }: Spread, unit: string): string {
  const number = (value: number) =>
    unit === "" || Math.abs(value) < 10 ? value.toFixed(2) : value.toFixed(0);
  const all = `(${number(min)}–${number(max)})`;
  return `${`${number(median)} ${unit}`.trim().padStart(10)}  ${min === max ? "" : all}`.trimEnd();
}

function goalText(row: Row): string {
  if (row.goal === undefined) return "";
  const { atLeast, atMost } = row.goal;
  const goal = [atLeast !== undefined && `≥ ${atLeast}`, atMost !== undefined && `≤ ${atMost}`];
  return `  goal ${goal.filter(Boolean).join(", ")}: ${meets(row) ? "met" : "MISSED"}`;
}
