/** Which fault happens to which request. */
import { FAULTS, type Fault, isReading } from "./faults.ts";
import type { Row, Step } from "./row.ts";

/** A fault at one request of a step. */
export interface Draw {
  readonly fault: Fault;
  /** The method; for a command over SSH `ssh.exec` and its beginning. */
  readonly request: string;
  /** So many requests of the same method go unharmed before. */
  readonly after: number;
}

export const describeDraw = (step: Step, { fault, request, after }: Draw): string =>
  `${fault.name} at ${request} (${after + 1}) of the ${step}`;

/**
 * `ANY_FAULT=all npm test -- any-fault` tries every fault at every request, `ANY_FAULT=0,3` none at requests that change
 * something and three at each of the others.
 */
const ASKED = process.env.ANY_FAULT;
const asked = ASKED === "all" ? [Infinity, Infinity] : ASKED?.split(",").map(Number);
/** Whether more is tried than usual. */
export const MORE = asked !== undefined;
const SEED = Number(process.env.RANDOM_SEED ?? 1);

/** All faults at all requests of a step, or so many as the row asks for: the same ones in every run. */
export function drawsFor(row: Row, step: Step, requests: readonly string[]): Draw[] {
  const { writes: usualWrites = 2, reads: usualReads = 0.15 } = row.draws ?? {};
  const [writes = usualWrites, reads = usualReads] = asked ?? [];
  const roll = dice(`${row.title} ${step}`);
  const seen = new Map<string, number>();
  const draws: Draw[] = [];
  for (const request of requests) {
    const method = methodOf(request);
    const after = seen.get(method) ?? 0;
    seen.set(method, after + 1);
    const fitting = shuffled(
      FAULTS.filter(({ name, fits }) => fits(request) && !(step === "create" && row.unmarked?.test(name))),
      roll,
    );
    const wanted = isReading(request) ? reads : writes;
    const count = Number.isFinite(wanted)
      ? Math.floor(wanted) + (roll() < wanted % 1 ? 1 : 0)
      : fitting.length;
    draws.push(...fitting.slice(0, count).map((fault) => ({ fault, request, after })));
  }
  return draws;
}

/** What a fault rule matches by. */
export const methodOf = (request: string): string => request.split(" ", 1)[0] ?? "";

function shuffled<T>(items: readonly T[], roll: () => number): T[] {
  return items
    .map((item) => ({ item, at: roll() }))
    .sort((one, other) => one.at - other.at)
    .map(({ item }) => item);
}

/** Numbers from 0 to 1, the same for the same text and seed (mulberry32). */
function dice(text: string): () => number {
  let state = [...text].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), SEED);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
