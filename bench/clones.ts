import { join } from "node:path";
import { root } from "../tools/setup/cache.mjs";
import { countsOf } from "./support/calls.ts";
import { BenchProject, type Shape } from "./support/project.ts";
import type { Benchmark, Row } from "./support/result.ts";
import { refuseIfUnlike } from "./support/same-shape.ts";
import { withSimulator } from "./support/simulator.ts";
import { sizesFrom } from "./support/sizes.ts";

const OVA = join(root, "images/tinyVM.ova");
/** How many resources the engine makes at once. */
const PARALLEL = 16;
/**
 * Host calls that no clone can do without, one after the other: a start and the news of the end for each task. Linked:
 * CreateVM, PowerOn, and the ReconfigVM that says that it is finished. Full: also copying and renaming the disk, and
 * attaching it.
 */
const CRITICAL_PATH = { linked: 6, full: 12 };
/** How many disks the product lets a host copy at once, unless it is told otherwise. */
const COPIES_AT_ONCE = 4;
const MOST_CALLS = 8;
const MOST_TIME = 1.5;
const LATENCIES_MS = [0, 50];
const MODES = ["linked", "full"] as const;

/** Many clones of one OVA on one host, near and far. */
export const clones: Benchmark = {
  name: "clones",
  title: "`pulumi up` of many clones of one OVA, near and far, beside the least that it can take",
  rounds: 1,

  async run({ rounds }) {
    const rows: Row[] = [];
    const notes: string[] = [];
    for (const count of sizesFrom("BENCH_CLONES", [50, 200])) {
      const floors: number[] = [];
      const cells = MODES.flatMap((mode) =>
        LATENCIES_MS.map((latencyMs) => new Cell(count, mode, latencyMs)),
      );
      for (let round = 0; round < rounds; round++) {
        for (const cell of cells) {
          // Each has a floor of its own: what else the machine does changes within minutes.
          const floor = await floorOf(count, cell.mode);
          floors.push(floor.seconds);
          await cell.measure(floor);
        }
      }
      rows.push({ label: `${count}: resources that do nothing`, unit: "s", samples: floors });
      for (const cell of cells) {
        rows.push(...cell.rows());
        notes.push(cell.note());
      }
    }
    return { rows, notes };
  },
};

/** What the engine itself takes for as many resources of the same kind. */
interface Floor {
  readonly seconds: number;
  readonly shape: Shape;
}

function floorOf(count: number, mode: "full" | "linked"): Promise<Floor> {
  const deployment = { resource: "do-nothing", count, ova: OVA, mode } as const;
  return BenchProject.with(deployment, {}, async (project) => {
    const { seconds } = await project.up(PARALLEL);
    return { seconds, shape: await project.shape() };
  });
}

/** One size, mode and latency. */
class Cell {
  readonly #count: number;
  readonly mode: "full" | "linked";
  readonly #latencyMs: number;
  readonly #seconds: number[] = [];
  readonly #copySeconds: number[] = [];
  readonly #hostSeconds: number[] = [];
  readonly #calls: number[] = [];
  readonly #ratios: number[] = [];
  readonly #ownRatios: number[] = [];
  #byMethod = "";

  constructor(count: number, mode: "full" | "linked", latencyMs: number) {
    this.#count = count;
    this.mode = mode;
    this.#latencyMs = latencyMs;
  }

  get #label(): string {
    return `${this.#count} ${this.mode}, ${this.#latencyMs} ms`;
  }

  async measure(floor: Floor): Promise<void> {
    const deployment = { resource: "clones", count: this.#count, ova: OVA, mode: this.mode } as const;
    await withSimulator(this.#latencyMs, (host) =>
      BenchProject.with(deployment, host.environment, async (project) => {
        const before = await host.figures();
        const { seconds } = await project.up(PARALLEL);
        const after = await host.figures();
        refuseIfUnlike(await project.shape(), floor.shape);
        const running = after.vms.filter((vm) => vm.endsWith(": poweredOn")).length;
        const uploads = after.requests.filter((method) => method === "nfc").length;
        if (running !== this.#count || uploads !== 1) {
          throw new Error(`${this.#label}: ${running} clones run, and there were ${uploads} uploads.`);
        }
        const hostSeconds = after.processorSeconds - before.processorSeconds;
        const latency =
          (CRITICAL_PATH[this.mode] * this.#latencyMs * this.#count) /
          (1000 * Math.min(PARALLEL, this.#count));
        const copies = after.copySeconds.reduce((sum, each) => sum + each, 0) / COPIES_AT_ONCE;
        this.#seconds.push(seconds);
        this.#copySeconds.push(copies);
        this.#hostSeconds.push(hostSeconds);
        this.#calls.push(callsOfClones(after.requests).length / this.#count);
        this.#ratios.push(seconds / (floor.seconds + latency + copies));
        this.#ownRatios.push((seconds - hostSeconds) / (floor.seconds + latency));
        this.#byMethod = countsOf(callsOfClones(after.requests));
      }),
    );
  }

  rows(): Row[] {
    const goal = this.mode === "linked" ? { goal: { atMost: MOST_CALLS } } : {};
    const copies = { label: "  the host's copies, four at once", unit: "s", samples: this.#copySeconds };
    return [
      { label: `${this.#label}: pulumi up`, unit: "s", samples: this.#seconds },
      ...(this.mode === "full" ? [copies] : []),
      { label: "  processor time of the simulator", unit: "s", samples: this.#hostSeconds },
      { label: "  calls a clone", unit: "", samples: this.#calls, ...goal },
      { label: "  ratio", unit: "", samples: this.#ratios, goal: { atMost: MOST_TIME } },
      { label: "  ratio without the simulator's processor time", unit: "", samples: this.#ownRatios },
    ];
  }

  note(): string {
    return `${this.#label}: ${this.#byMethod}`;
  }
}

/** What was asked after the machine that is cloned was there: the golden one's last call is what marks it as finished. */
function callsOfClones(requests: readonly string[]): readonly string[] {
  return requests.slice(requests.indexOf("ReconfigVM_Task") + 1);
}
