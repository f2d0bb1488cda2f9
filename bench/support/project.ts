import { cp, mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pulumiEnvironment } from "../../tools/cli/environment.ts";
import { ensurePulumi } from "../../tools/cli/pulumi.ts";
import { root } from "../../tools/setup/cache.mjs";
import { succeed } from "./command.ts";
import { type PeakMemory, watchPeakMemory } from "./peak-memory.ts";

/** What the program of bench/program is to make. */
export interface Deployment {
  readonly resource: "ova-deployment" | "clones" | "scratch-vms" | "do-nothing";
  readonly count: number;
  /** A path, or several with commas between, used in turn. */
  readonly ova: string;
  /** One machine of the OVA and `count` clones of that, or `count` machines from nothing. */
  readonly mode?: "full" | "linked" | "scratch";
}

export interface PulumiRun {
  readonly seconds: number;
  /** The largest resident memory of the dynamic-provider process, in bytes; undefined where /proc is not. */
  readonly providerPeakBytes: number | undefined;
}

/** Names of inputs and outputs, by the resource's type. */
export type Shape = Readonly<Record<string, string>>;

interface Exported {
  readonly deployment: {
    readonly resources: readonly {
      readonly type: string;
      readonly inputs?: object;
      readonly outputs?: object;
    }[];
  };
}

/** A Pulumi project in a folder of its own that uses this checkout as its package, with an empty stack. */
export class BenchProject {
  readonly #folder: string;
  readonly #environment: NodeJS.ProcessEnv;

  private constructor(folder: string, environment: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.#environment = environment;
  }

  /** Runs `work` with a new project for that deployment; `host` says how to reach the host, as `ESXI_*` variables. */
  static async with<T>(
    deployment: Deployment,
    host: Readonly<Record<string, string>>,
    work: (project: BenchProject) => Promise<T>,
  ): Promise<T> {
    const folder = await mkdtemp(join(tmpdir(), "esxi-bench-"));
    try {
      return await work(await BenchProject.#make(folder, deployment, host));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  static async #make(folder: string, deployment: Deployment, host: Readonly<Record<string, string>>) {
    const { binDir } = await ensurePulumi();
    const [home, backend] = [join(folder, "home"), join(folder, "backend")];
    for (const made of [home, backend, join(folder, "node_modules")]) await mkdir(made);
    await cp(join(root, "bench/program"), folder, { recursive: true });
    await symlink(root, join(folder, "node_modules/pulumi-esxi-direct"));
    await symlink(join(root, "node_modules/@pulumi"), join(folder, "node_modules/@pulumi"));
    const project = new BenchProject(folder, {
      ...pulumiEnvironment({ binDir, home, backend, passphrase: "bench" }),
      ...host,
      BENCH_RESOURCE: deployment.resource,
      BENCH_COUNT: String(deployment.count),
      BENCH_OVA: deployment.ova,
      ...(deployment.mode !== undefined && { BENCH_MODE: deployment.mode }),
    });
    await project.pulumi(["stack", "init", "bench"]);
    return project;
  }

  /**
   * Runs a pulumi command to its end.
   * @param variables What the program is to find in its environment for this once.
   * @throws Error with what it printed if it fails.
   */
  async pulumi(args: readonly string[], variables: NodeJS.ProcessEnv = {}): Promise<PulumiRun> {
    const began = performance.now();
    let memory: PeakMemory | undefined;
    try {
      await succeed("pulumi", args, {
        cwd: this.#folder,
        env: { ...this.#environment, ...variables },
        onStart: (pid) => {
          memory = watchPeakMemory(pid);
        },
      });
      return { seconds: (performance.now() - began) / 1000, providerPeakBytes: memory?.peakBytes() };
    } finally {
      memory?.stop();
    }
  }

  /**
   * Names of the inputs and outputs that state has of each type of resource, but for the address that a guest has or has
   * not told by then.
   */
  async shape(): Promise<Shape> {
    const file = join(this.#folder, "state.json");
    await this.pulumi(["stack", "export", "--file", file]);
    const { deployment } = JSON.parse(await readFile(file, "utf8")) as Exported;
    const names = (properties: object) =>
      Object.keys(properties)
        .filter((name) => name !== "defaultIpAddress")
        .sort()
        .join(" ");
    const shape: Record<string, string> = {};
    for (const { type, inputs, outputs } of deployment.resources) {
      if (inputs && outputs) shape[type] = `${names(inputs)} -> ${names(outputs)}`;
    }
    return shape;
  }

  /** Tells the product the port and the key of its host's SSH server. */
  async reachBySsh(ssh: { readonly port: number; readonly hostKey: string }): Promise<void> {
    await this.pulumi(["config", "set", "esxi:sshPort", String(ssh.port)]);
    await this.pulumi(["config", "set", "esxi:sshHostKey", ssh.hostKey]);
  }

  /** @param parallel How many resources the engine makes at once. Default: four for each processor. */
  up(parallel?: number): Promise<PulumiRun> {
    const further = parallel === undefined ? [] : ["--parallel", String(parallel)];
    return this.pulumi(["up", "--yes", "--skip-preview", ...further]);
  }

  /** Changes the memory of the first machine from nothing. */
  changeFirst(): Promise<PulumiRun> {
    return this.pulumi(["up", "--yes", "--skip-preview"], { BENCH_MEMORY: "256" });
  }

  preview(): Promise<PulumiRun> {
    return this.pulumi(["preview"]);
  }

  refresh(): Promise<PulumiRun> {
    return this.pulumi(["refresh", "--yes", "--skip-preview"]);
  }

  destroy(): Promise<PulumiRun> {
    return this.pulumi(["destroy", "--yes", "--skip-preview"]);
  }
}
