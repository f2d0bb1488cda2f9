import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { pulumiEnvironment } from "../../tools/cli/environment.ts";

/** A project with a stack `dev` of its own, whose state lies in the project's folder. */
export class PulumiProject {
  readonly #folder: string;
  readonly #environment: NodeJS.ProcessEnv;
  /** All that `pulumi` has printed. */
  readonly said: string[] = [];

  constructor(folder: string, binDir: string) {
    this.#folder = folder;
    const [home, backend] = [join(folder, ".home"), join(folder, ".state")];
    for (const made of [home, backend]) mkdirSync(made);
    this.#environment = pulumiEnvironment({ binDir, home, backend, passphrase: "for this test only" });
  }

  /** The state as it lies on disk. */
  get stateFile(): string {
    return join(this.#folder, ".state/.pulumi/stacks/lab/dev.json");
  }

  /**
   * Runs `pulumi` and returns what it prints on standard output.
   * @param input What it reads from standard input.
   * @throws Error with all that it printed if it fails.
   */
  run(args: readonly string[], input = ""): string {
    const { status, stdout, stderr } = spawnSync("pulumi", [...args, "--non-interactive"], {
      cwd: this.#folder,
      env: this.#environment,
      input,
      encoding: "utf8",
      timeout: 110_000,
    });
    this.said.push(stdout, stderr);
    if (status !== 0) throw new Error(`pulumi ${args.join(" ")} failed (${status}):\n${stderr}${stdout}`);
    return stdout;
  }
}
