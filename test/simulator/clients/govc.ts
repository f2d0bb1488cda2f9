import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CommandResult, runCommand } from "../../../tools/setup/command.ts";

const AT_MOST_MS = 30_000;

/** Where a client finds the host. */
export interface HostAddress {
  /** `https://127.0.0.1:PORT` */
  readonly url: string;
  readonly username: string;
}

/** govc with one host and one password, and nothing of whoever runs the tests. */
export class Govc {
  readonly #program: string;
  readonly #home: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(program: string, home: string, env: NodeJS.ProcessEnv) {
    this.#program = program;
    this.#home = home;
    this.#env = env;
  }

  /**
   * @param program the path of govc
   * @param thumbprint SHA-256 of the only certificate that it takes; without one it takes any
   */
  static async open(
    program: string,
    host: HostAddress,
    password: string,
    thumbprint?: string,
  ): Promise<Govc> {
    const home = await mkdtemp(join(tmpdir(), "govc-"));
    const knownHosts = join(home, "known-hosts");
    if (thumbprint !== undefined) await writeFile(knownHosts, `${new URL(host.url).host} ${thumbprint}\n`);
    return new Govc(program, home, {
      HOME: home,
      GOVMOMI_HOME: home,
      GOVC_PERSIST_SESSION: "false",
      GOVC_URL: host.url,
      GOVC_USERNAME: host.username,
      GOVC_PASSWORD: password,
      GOVC_DATASTORE: "datastore1",
      ...(thumbprint === undefined ? { GOVC_INSECURE: "true" } : { GOVC_TLS_KNOWN_HOSTS: knownHosts }),
    });
  }

  /** Runs a command, whatever comes of it. */
  async try(...args: readonly string[]): Promise<CommandResult> {
    return await runCommand(this.#program, args, { env: this.#env, cwd: this.#home, timeoutMs: AT_MOST_MS });
  }

  /** What a command prints. @throws Error with what it complains of, if it fails */
  async run(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.try(...args);
    if (code !== 0) throw new Error(`govc ${args.join(" ")}: exit code ${code}\n${stderr}${stdout}`);
    return stdout.trim();
  }

  /** The lines that a command prints, sorted. */
  async lines(...args: readonly string[]): Promise<string[]> {
    return (await this.run(...args)).split("\n").sort();
  }

  async close(): Promise<void> {
    await rm(this.#home, { recursive: true, force: true });
  }
}
