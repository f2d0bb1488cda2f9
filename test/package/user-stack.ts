import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { expect } from "vitest";
import { pulumiEnvironment } from "../../tools/cli/environment.ts";
import { emptyStack, PASSPHRASE } from "../support/empty-stack.ts";
import { PulumiRun } from "../support/pulumi-run.ts";
import { type SimulatedHost, USUAL_PASSWORD } from "../support/simulated-host.ts";

const CONFIG_FILE = "Pulumi.dev.yaml";

/** The stack `dev` of a user's project named `lab`, with its state in the project's folder. */
export class UserStack {
  readonly #folder: string;
  readonly #environment: NodeJS.ProcessEnv;
  /** All that `pulumi` has printed. */
  said = "";

  private constructor(folder: string, environment: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.#environment = environment;
  }

  /**
   * @param binDir The folder of the Pulumi CLI.
   * @param more Environment variables beside the usual ones; their PATH goes before the usual one.
   */
  static async init(folder: string, binDir: string, more: NodeJS.ProcessEnv = {}): Promise<UserStack> {
    const [home, backend] = [join(folder, ".home"), join(folder, ".state")];
    const empty = await emptyStack(binDir, await readFile(join(folder, "Pulumi.yaml"), "utf8"));
    await mkdir(home);
    await cp(empty.backend, backend, { recursive: true });
    await cp(empty.configFile, join(folder, CONFIG_FILE));
    const usual = pulumiEnvironment({ binDir, home, backend, passphrase: PASSPHRASE });
    const path = [more.PATH, usual.PATH].filter((part) => part !== undefined).join(delimiter);
    return new UserStack(folder, { ...usual, PULUMI_STACK: "dev", ...more, PATH: path });
  }

  /** Adds to the usual password, which is there, what else a host needs, and no other setting. */
  async #useHost({ url, username, thumbprint, password }: SimulatedHost): Promise<void> {
    expect(password).toBe(USUAL_PASSWORD);
    const lines = Object.entries({ host: url, username, thumbprint }).map(
      ([key, value]) => `  esxi:${key}: ${JSON.stringify(value)}\n`,
    );
    const file = join(this.#folder, CONFIG_FILE);
    await writeFile(file, (await readFile(file, "utf8")) + lines.join(""));
  }

  /**
   * Deploys `tinyVM.ova` as the machine `tiny` on that host. The stack's outputs say what the host has, and another run
   * has nothing to do.
   */
  async deployTiny(host: SimulatedHost): Promise<void> {
    await this.#useHost(host);
    await this.#run(["up", "--yes", "--skip-preview"]);
    expect(await this.#outputs()).toMatchObject({
      vmxPath: host.vm("tiny").vmxPath,
      powerState: "poweredOn",
      memory: 256,
    });
    expect(host.vm("tiny").config.hardware.memoryMB).toBe(256);
    await this.#run(["preview", "--expect-no-changes"]);
  }

  /** Destroys what the stack has. Nothing is left on the host. */
  async destroyAll(host: SimulatedHost): Promise<void> {
    await this.#run(["destroy", "--yes", "--skip-preview"]);
    await host.expectEmpty();
  }

  /** What the program exports, as the state has it. */
  async #outputs(): Promise<unknown> {
    const { checkpoint } = JSON.parse(await this.state()) as {
      checkpoint: { latest: { resources: { type: string; outputs?: unknown }[] } };
    };
    return checkpoint.latest.resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs;
  }

  /** The state as it lies on disk. */
  state(): Promise<string> {
    return readFile(join(this.#folder, ".state/.pulumi/stacks/lab/dev.json"), "utf8");
  }

  /**
   * Runs `pulumi`.
   * @throws Error with all that it printed if it fails.
   */
  async #run(args: readonly string[]): Promise<void> {
    const run = new PulumiRun({
      args: [...args, "--non-interactive"],
      cwd: this.#folder,
      env: this.#environment,
    });
    const { code, output } = await run.result;
    this.said += output;
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} failed (${code}):\n${output}`);
  }
}
