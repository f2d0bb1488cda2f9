import { mkdir, readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { expect } from "vitest";
import { pulumiEnvironment } from "../../tools/cli/environment.ts";
import type { HostAccess } from "../support/host-access.ts";
import { PulumiRun } from "../support/pulumi-run.ts";
import type { SimulatedHost } from "../support/simulated-host.ts";

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
    for (const made of [home, backend]) await mkdir(made);
    const usual = pulumiEnvironment({ binDir, home, backend, passphrase: "for this test only" });
    const path = [more.PATH, usual.PATH].filter((part) => part !== undefined).join(delimiter);
    const environment = { ...usual, ...more, PATH: path };
    const stack = new UserStack(folder, environment);
    await stack.run(["stack", "init", "dev"]);
    return stack;
  }

  /** Sets the four settings that a host needs, and no other. */
  async useHost(host: HostAccess): Promise<void> {
    const plain = { host: host.url, username: host.username, thumbprint: host.thumbprint };
    const settings = Object.entries(plain).flatMap(([key, value]) => ["--plaintext", `esxi:${key}=${value}`]);
    await this.run(["config", "set-all", ...settings]);
    await this.run(["config", "set", "--secret", "esxi:password"], host.password);
  }

  /**
   * Deploys `tinyVM.ova` as the machine `tiny` on that host. The stack's outputs say what the host has, and another run
   * has nothing to do.
   */
  async deployTiny(host: SimulatedHost): Promise<void> {
    await this.useHost(host);
    await this.run(["up", "--yes", "--skip-preview"]);
    expect(JSON.parse(await this.run(["stack", "output", "--json"]))).toMatchObject({
      vmxPath: host.vm("tiny").vmxPath,
      powerState: "poweredOn",
      memory: 256,
    });
    expect(host.vm("tiny").config.hardware.memoryMB).toBe(256);
    await this.run(["preview", "--expect-no-changes"]);
  }

  /** Destroys what the stack has. Nothing is left on the host. */
  async destroyAll(host: SimulatedHost): Promise<void> {
    await this.run(["destroy", "--yes", "--skip-preview"]);
    await host.expectEmpty();
  }

  /** The state as it lies on disk. */
  state(): Promise<string> {
    return readFile(join(this.#folder, ".state/.pulumi/stacks/lab/dev.json"), "utf8");
  }

  /**
   * Runs `pulumi` and returns what it prints on standard output.
   * @param input What it reads from standard input.
   * @throws Error with all that it printed if it fails.
   */
  async run(args: readonly string[], input = ""): Promise<string> {
    const run = new PulumiRun({
      args: [...args, "--non-interactive"],
      cwd: this.#folder,
      env: this.#environment,
      input,
    });
    const { code, stdout, output } = await run.result;
    this.said += output;
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} failed (${code}):\n${output}`);
    return stdout;
  }
}
