import { byMethod, calls } from "./support/calls.ts";
import { BenchProject, type Deployment, type PulumiRun, type Shape } from "./support/project.ts";
import type { Benchmark, Row } from "./support/result.ts";
import { refuseIfUnlike } from "./support/same-shape.ts";
import { sizesFrom } from "./support/sizes.ts";
import { ratios } from "./support/statistics.ts";
import { type BenchHost, withHost } from "./support/vcsim.ts";

const MOST_TIME = 1.3;
const MOST_CALLS: Readonly<Record<Step, number | undefined>> = {
  up: 5,
  preview: 0,
  refresh: 10,
  change: undefined,
  destroy: 4,
};

type Step = "up" | "preview" | "refresh" | "change" | "destroy";

const STEPS: Readonly<Record<Step, (project: BenchProject) => Promise<PulumiRun>>> = {
  up: (project) => project.up(),
  preview: (project) => project.preview(),
  refresh: (project) => project.refresh(),
  change: (project) => project.changeFirst(),
  destroy: (project) => project.destroy(),
};
const NAMES = Object.keys(STEPS) as readonly Step[];

/** What one life of a stack took, step by step. */
interface Life {
  readonly seconds: Readonly<Record<Step, number>>;
  readonly calls: Readonly<Record<Step, number>>;
  /** Processor time of the host, in seconds; not a number where the system does not tell. */
  readonly hostSeconds: Readonly<Record<Step, number>>;
  readonly peakBytes: number;
  readonly methods: string;
  readonly shape: Shape;
}

/** Many machines from nothing, from their making to their end. */
export const scratchVms: Benchmark = {
  name: "scratch-vms",
  title: "many machines from nothing, beside as many resources that do nothing",
  rounds: 1,

  async run({ rounds }) {
    const rows: Row[] = [];
    const notes: string[] = [];
    for (const count of sizesFrom("BENCH_VMS", [100, 600])) {
      const [ours, floors]: [Life[], Life[]] = [[], []];
      for (let round = 0; round < rounds; round++) {
        const { floor, real } = await liveBeside(count);
        refuseIfUnlike(real.shape, floor.shape);
        floors.push(floor);
        ours.push(real);
      }
      for (const step of NAMES) rows.push(...rowsOf(count, step, ours, floors));
      const memory = ours.map(({ peakBytes }) => peakBytes / 1e6);
      rows.push({ label: `${count}: memory of the provider`, unit: "MB", samples: memory });
      notes.push(`${count}: ${ours.at(-1)?.methods}`);
    }
    return { rows, notes };
  },
};

function rowsOf(count: number, step: Step, ours: readonly Life[], floors: readonly Life[]): Row[] {
  const [own, floor] = [ours, floors].map((lives) => lives.map(({ seconds }) => seconds[step]));
  if (own === undefined || floor === undefined) return [];
  const most = MOST_CALLS[step];
  const isPerVm = step === "up" || step === "destroy";
  const asked = ours.map((life) => life.calls[step] / (isPerVm ? count : 1));
  return [
    { label: `${count}: ${step}`, unit: "s", samples: own },
    { label: "  the same with resources that do nothing", unit: "s", samples: floor },
    { label: "  ratio", unit: "", samples: ratios(own, floor), goal: { atMost: MOST_TIME } },
    { label: "  processor time of vcsim", unit: "s", samples: ours.map((life) => life.hostSeconds[step]) },
    {
      label: isPerVm ? "  calls a VM" : "  calls in all",
      unit: "",
      samples: asked,
      ...(most !== undefined && { goal: { atMost: most } }),
    },
  ];
}

/** Both go step by step together: what else the machine does changes within minutes, and hundreds of machines take some. */
function liveBeside(count: number): Promise<{ readonly floor: Life; readonly real: Life }> {
  return begin({ resource: "do-nothing", mode: "scratch", count, ova: "" }, (floor) =>
    begin({ resource: "scratch-vms", mode: "scratch", count, ova: "" }, async (real) => {
      for (const step of NAMES) {
        await floor.take(step);
        await real.take(step);
      }
      return { floor: floor.life(), real: real.life() };
    }),
  );
}

/** Runs `work` with a stack on a host of its own. */
function begin<T>(deployment: Deployment, work: (stack: LivingStack) => Promise<T>): Promise<T> {
  return withHost((host) =>
    BenchProject.with(deployment, host.environment, (project) =>
      work(new LivingStack(deployment, host, project)),
    ),
  );
}

class LivingStack {
  readonly #deployment: Deployment;
  readonly #host: BenchHost;
  readonly #project: BenchProject;
  readonly #seconds = new Map<Step, number>();
  readonly #calls = new Map<Step, number>();
  readonly #hostSeconds = new Map<Step, number>();
  #peakBytes = 0;
  #methods = "";
  #shape: Shape = {};

  constructor(deployment: Deployment, host: BenchHost, project: BenchProject) {
    this.#deployment = deployment;
    this.#host = host;
    this.#project = project;
  }

  async take(step: Step): Promise<void> {
    const before = this.#host.requests().length;
    const hostBefore = this.#host.processorSeconds();
    const run = await STEPS[step](this.#project);
    const made = calls(this.#host.requests().slice(before));
    const hostAfter = this.#host.processorSeconds();
    this.#seconds.set(step, run.seconds);
    this.#hostSeconds.set(step, (hostAfter ?? Number.NaN) - (hostBefore ?? Number.NaN));
    this.#calls.set(step, made.length);
    this.#methods += `${step}: ${byMethod(made)}; `;
    this.#peakBytes = Math.max(this.#peakBytes, run.providerPeakBytes ?? 0);
    refuseIfUndone(this.#host, this.#deployment, step);
    if (step === "up") this.#shape = await this.#project.shape();
  }

  life(): Life {
    return {
      seconds: Object.fromEntries(this.#seconds) as Record<Step, number>,
      calls: Object.fromEntries(this.#calls) as Record<Step, number>,
      hostSeconds: Object.fromEntries(this.#hostSeconds) as Record<Step, number>,
      peakBytes: this.#peakBytes,
      methods: this.#methods,
      shape: this.#shape,
    };
  }
}

/** A benchmark of nothing done would be a fast one. */
function refuseIfUndone(host: BenchHost, { resource, count }: Deployment, step: Step): void {
  if (resource === "do-nothing") return;
  const done = (method: string) => host.requests().filter((request) => request.method === method).length;
  if (step === "up" && done("CreateVM_Task") !== count) throw new Error("Not every machine was made.");
  if (step === "destroy" && done("Destroy_Task") !== count)
    throw new Error("Not every machine was destroyed.");
}
