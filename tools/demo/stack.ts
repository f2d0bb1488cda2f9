import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pulumiEnvironment } from "../cli/environment.ts";
import { ensurePulumi } from "../cli/pulumi.ts";
import { root } from "../setup/cache.mjs";
import { run } from "../setup/child.mjs";
import { DEMO, DEMO_CONFIG, DEMO_HOST_PASSWORD, demoSecret } from "./folders.ts";
import type { RunningHost } from "./host.ts";

const STACK = "demo";
/** The address at which the demo left its host, to tell it from one that the user has set. */
const LAST_URL = join(DEMO, "url");

/** The demo's stack: this checkout's program with the demo's own configuration and state. */
export class DemoStack {
  readonly #environment: NodeJS.ProcessEnv;

  private constructor(environment: NodeJS.ProcessEnv) {
    this.#environment = environment;
  }

  /** Opens the stack; the first time it is made from the committed configuration and pointed at the simulated host. */
  static async open(host: RunningHost): Promise<DemoStack> {
    const { binDir } = await ensurePulumi();
    const home = join(DEMO, "pulumi");
    const backend = join(DEMO, "backend");
    for (const folder of [home, backend]) mkdirSync(folder, { recursive: true });
    const passphrase = demoSecret("passphrase");
    const stack = new DemoStack(pulumiEnvironment({ binDir, home, backend, passphrase }));
    if (!existsSync(DEMO_CONFIG)) stack.#make(host);
    else stack.#follow(host);
    return stack;
  }

  /** Runs `pulumi` in the user's terminal, and returns its exit code. */
  async pulumi(args: readonly string[]): Promise<number> {
    const { code } = await run("pulumi", args, { cwd: root, env: this.#environment });
    return code ?? 1;
  }

  /**
   * Runs `pulumi` quietly and returns what it prints.
   * @param input What it reads from standard input; the way for secrets, which a command line would show to everybody.
   * @throws Error with what it printed if it fails.
   */
  output(args: readonly string[], input = ""): string {
    const result = spawnSync("pulumi", args, {
      cwd: root,
      env: this.#environment,
      input,
      encoding: "utf8",
    });
    if (result.status === 0) return result.stdout.trim();
    throw new Error(`pulumi ${args.join(" ")} failed:\n${result.stderr}${result.stdout}`);
  }

  /** All values of the configuration by key, secrets decrypted; asked for at once, since each `pulumi` takes half a second. */
  configuration(): ReadonlyMap<string, string> {
    const printed = this.output(["config", "--show-secrets", "--json"]);
    const values = Object.entries(JSON.parse(printed) as Record<string, { value?: string }>);
    return new Map(values.flatMap(([key, { value }]) => (value === undefined ? [] : [[key, value]])));
  }

  #make(host: RunningHost): void {
    const committed = readFileSync(join(root, "Pulumi.dev.yaml"), "utf8");
    // The committed secrets are encrypted for a passphrase of their own, and are not this host's anyway.
    const own = committed
      .replace(/^encryptionsalt:.*\n/m, "")
      .replace(/^ {2}esxi:password:\n {4}secure:.*\n/m, "");
    writeFileSync(DEMO_CONFIG, own);
    this.output(["stack", "init", STACK]);
    this.output(["config", "set", "esxi:username", host.username]);
    this.output(["config", "set", "--secret", "esxi:password"], demoSecret(DEMO_HOST_PASSWORD));
    // The simulated guests have VMware Tools, which report an address.
    this.output(["config", "set", "ova:waitForIp", "true"]);
    this.output(["config", "set", "clones:waitForIp", "true"]);
    this.output(["config", "set", "clones:numClones", "2"]);
    this.output(["config", "set", "scratch:numVms", "1"]);
    this.output(["config", "set", "scratch:isoFile", "images/tinyCD.iso"]);
    this.#point(host);
  }

  /** The simulator may get another port than before: follow it, unless the user has pointed the stack elsewhere. */
  #follow(host: RunningHost): void {
    const last = existsSync(LAST_URL) ? readFileSync(LAST_URL, "utf8") : undefined;
    if (last !== host.url && this.configuration().get("esxi:host") === last) this.#point(host);
  }

  #point(host: RunningHost): void {
    this.output(["config", "set", "esxi:host", host.url]);
    this.output(["config", "set", "esxi:thumbprint", host.thumbprint]);
    writeFileSync(LAST_URL, host.url);
  }
}
