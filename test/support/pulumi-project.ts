import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pulumiEnvironment } from "../../tools/cli/environment.ts";
import { root } from "../../tools/setup/cache.mjs";
import { expectBuilt } from "./built-package.ts";
import { emptyStack, PASSPHRASE } from "./empty-stack.ts";
import type { HostAccess } from "./host-access.ts";
import { type PulumiResult, PulumiRun } from "./pulumi-run.ts";
import { USUAL_PASSWORD } from "./simulated-host.ts";

/** Arguments of an OvaDeployment as JSON. */
export type VmDeclaration = Readonly<Record<string, unknown>>;

/** One resource as Pulumi's state has it. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  readonly initErrors?: readonly string[];
}

interface StateFile {
  readonly checkpoint: { readonly latest: { resources?: StateResource[] } | null };
}

const PROGRAM = `import { readFileSync } from "node:fs";
import { OvaDeployment } from "pulumi-esxi-direct";
const vms = JSON.parse(readFileSync(new URL("vms.json", import.meta.url), "utf8"));
for (const [name, args] of Object.entries(vms)) new OvaDeployment(name, args);
`;

const PULUMI_YAML = `name: lab
description: What a test deploys
main: index.js
runtime:
  name: nodejs
  options:
    typescript: false
    packagemanager: npm
`;

/**
 * A Pulumi project in a folder of its own that uses this checkout as its package, with a stack `dev`, a backend and a
 * PULUMI_HOME of its own; the real `pulumi` runs in it.
 */
export class PulumiProject {
  readonly folder: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #projectName: string;
  #runs = 0;
  /** The usual password as its stack's configuration has it; "" if this stack has a key of its own. */
  #usualPassword = "";
  /** Those of `esxi:hosts`. */
  readonly #hosts: Record<string, HostAccess> = {};
  /** All that `pulumi` has printed, from all runs. */
  readonly said: string[] = [];

  private constructor(folder: string, environment: NodeJS.ProcessEnv, projectName: string) {
    this.folder = folder;
    this.#environment = environment;
    this.#projectName = projectName;
  }

  /**
   * A project whose program makes what {@link declare} says, with an empty stack.
   * @param binDir the folder of the Pulumi CLI: `await need(context, "TEST_PULUMI_BIN")`
   */
  static async make(binDir: string): Promise<PulumiProject> {
    const stack = await emptyStack(binDir, PULUMI_YAML);
    const project = await PulumiProject.#open(binDir, "lab", PASSPHRASE);
    await cp(stack.backend, project.backend, { recursive: true });
    const [salt = "", password = ""] = (await readFile(stack.configFile, "utf8")).split("config:\n");
    await project.write("Pulumi.dev.yaml", salt);
    project.#usualPassword = password;
    project.#environment.PULUMI_STACK = "dev";
    await project.write("Pulumi.yaml", PULUMI_YAML);
    await project.write("package.json", '{ "name": "lab", "private": true, "type": "module" }\n');
    await project.write("index.js", PROGRAM);
    await project.declare({});
    return project;
  }

  /** The committed program of `stacks/` with its committed configuration, as a user has them after a clone. */
  static async ofCommittedStack(binDir: string): Promise<PulumiProject> {
    const project = await PulumiProject.#open(binDir, "esxi-lab", "change-me");
    for (const name of ["Pulumi.yaml", "Pulumi.dev.yaml", "stacks", "images"])
      await cp(join(root, name), join(project.folder, name), { recursive: true });
    await project.write("package.json", '{ "name": "esxi-lab", "private": true, "type": "module" }\n');
    await symlink(join(root, "node_modules/csv-parse"), join(project.folder, "node_modules/csv-parse"));
    await project.must(["stack", "init", "dev"]);
    return project;
  }

  static async #open(binDir: string, name: string, passphrase: string): Promise<PulumiProject> {
    expectBuilt();
    const folder = await mkdtemp(join(tmpdir(), "esxi-cli-"));
    const [home, backend] = [join(folder, ".home"), join(folder, ".state")];
    for (const made of [home, backend, join(folder, "node_modules")]) await mkdir(made);
    await symlink(root, join(folder, "node_modules/pulumi-esxi-direct"));
    await symlink(join(root, "node_modules/@pulumi"), join(folder, "node_modules/@pulumi"));
    const environment = {
      ...pulumiEnvironment({ binDir, home, backend, passphrase }),
      // Unhides `--event-log`, which tells step by step what a run did.
      PULUMI_DEBUG_COMMANDS: "true",
    };
    return new PulumiProject(folder, environment, name);
  }

  /** The folder of the backend: state, backups and history. */
  get backend(): string {
    return join(this.folder, ".state");
  }

  /** `PULUMI_HOME`. */
  get home(): string {
    return join(this.folder, ".home");
  }

  /** What `pulumi` is run with. */
  get environment(): Readonly<NodeJS.ProcessEnv> {
    return this.#environment;
  }

  /** Writes a file of the project and returns its path. */
  async write(name: string, content: string | Uint8Array): Promise<string> {
    const path = join(this.folder, name);
    await writeFile(path, content);
    return path;
  }

  /** What the program makes from now on: arguments by resource name. */
  async declare(vms: Readonly<Record<string, VmDeclaration>>): Promise<void> {
    await this.write("vms.json", JSON.stringify(vms));
  }

  /** Sets configuration values in clear, as somebody does who edits the file. */
  async setConfig(values: Readonly<Record<string, string | readonly string[]>>): Promise<void> {
    const lines = Object.entries(values).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}\n`);
    await this.#editConfig((text) => withLines(text, Object.keys(values), lines.join("")));
  }

  async #editConfig(change: (text: string) => string): Promise<void> {
    const file = join(this.folder, "Pulumi.dev.yaml");
    await writeFile(file, change(await readFile(file, "utf8")));
  }

  /** Sets a secret of the configuration, handed over on standard input. */
  async setSecret(key: string, value: string): Promise<void> {
    await this.must(["config", "set", "--secret", key], value);
  }

  /** Points the configuration at a host. */
  async useHost(host: HostAccess): Promise<void> {
    await this.setConfig({
      "esxi:host": host.url,
      "esxi:username": host.username,
      "esxi:thumbprint": host.thumbprint,
    });
    if (this.#usualPassword === "" || host.password !== USUAL_PASSWORD) {
      await this.setSecret("esxi:password", host.password);
    } else {
      await this.#editConfig((text) => withLines(text, ["esxi:password"], this.#usualPassword));
    }
  }

  /** Points the configuration at several hosts too, by their names in `esxi:hosts`; those that it has already stay. */
  async useHosts(hosts: Readonly<Record<string, HostAccess>>): Promise<void> {
    Object.assign(this.#hosts, hosts);
    const [, secure = ""] = /secure: (.*)\n/.exec(this.#usualPassword) ?? [];
    const known = (password: string) => secure !== "" && password === USUAL_PASSWORD;
    const all = Object.entries(this.#hosts).map(([name, { url, username, thumbprint, password }]) => [
      name,
      { host: url, username, thumbprint, ...(known(password) && { password: { secure } }) },
    ]);
    const lines = `  esxi:hosts: ${JSON.stringify(Object.fromEntries(all))}\n`;
    await this.#editConfig((text) => withLines(text, ["esxi:hosts"], lines));
    for (const [name, { password }] of Object.entries(this.#hosts)) {
      if (known(password)) continue;
      await this.must(["config", "set", "--secret", "--path", `esxi:hosts.${name}.password`, password]);
    }
  }

  /** Changes what Pulumi's state has of all resources, as somebody does who edits the file. */
  async editState(change: (resources: StateResource[]) => StateResource[]): Promise<void> {
    const { file, state } = await this.#state();
    const { latest } = state.checkpoint;
    if (latest) latest.resources = change(latest.resources ?? []);
    await writeFile(file, JSON.stringify(state));
  }

  /** Runs a command such as `["config", "get", "a"]` and returns what it prints. @throws Error if it fails */
  async must(args: readonly string[], input = ""): Promise<string> {
    const run = new PulumiRun({ args, cwd: this.folder, env: this.#environment, input });
    const result = await run.result;
    this.said.push(result.output);
    if (result.code !== 0) throw new Error(`pulumi ${args.join(" ")} failed:\n${result.output}`);
    return result.stdout;
  }

  /** Starts an operation; its `result` resolves whether or not it succeeds. */
  start(
    operation: "preview" | "up" | "refresh" | "destroy",
    options: { readonly args?: readonly string[]; readonly env?: NodeJS.ProcessEnv } = {},
  ): PulumiRun {
    this.#runs += 1;
    const isPreview = operation === "preview" || options.args?.includes("--preview-only");
    const run = new PulumiRun({
      args: [
        operation,
        ...(isPreview ? [] : ["--yes", "--skip-preview"]),
        ...["--non-interactive", "--color", "never"],
        ...(options.args ?? []),
      ],
      cwd: this.folder,
      env: { ...this.#environment, ...options.env },
      eventLog: join(this.folder, `events-${this.#runs}.json`),
    });
    run.result.then(
      ({ output }) => this.said.push(output),
      () => {},
    );
    return run;
  }

  preview(env: NodeJS.ProcessEnv = {}): Promise<PulumiResult> {
    return this.start("preview", { env }).result;
  }

  up(env: NodeJS.ProcessEnv = {}): Promise<PulumiResult> {
    return this.start("up", { env }).result;
  }

  refresh(env: NodeJS.ProcessEnv = {}): Promise<PulumiResult> {
    return this.start("refresh", { env }).result;
  }

  destroy(env: NodeJS.ProcessEnv = {}): Promise<PulumiResult> {
    return this.start("destroy", { env }).result;
  }

  /** The resources of this package in Pulumi's state as it lies on disk, by name. */
  async vmsInState(): Promise<ReadonlyMap<string, StateResource>> {
    const { state } = await this.#state();
    const resources = state.checkpoint.latest?.resources ?? [];
    return new Map(
      resources
        .filter(({ type }) => type.startsWith("pulumi-nodejs:esxi:"))
        .map((resource) => [resource.urn.split("::").at(-1) ?? "", resource]),
    );
  }

  /** Where Pulumi keeps the state of one of the project's stacks. */
  stateFile(stack = "dev"): string {
    return join(this.backend, ".pulumi/stacks", this.#projectName, `${stack}.json`);
  }

  async #state(): Promise<{ file: string; state: StateFile }> {
    const file = this.stateFile();
    return { file, state: JSON.parse(await readFile(file, "utf8")) as StateFile };
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** The text of a stack's configuration file with these lines instead of those that it has for the keys. */
function withLines(text: string, keys: readonly string[], lines: string): string {
  let kept = text;
  // A secret takes a second line.
  for (const key of keys) kept = kept.replace(new RegExp(`^ {2}${key}:.*\n( {4}.*\n)*`, "m"), "");
  const whole = /^config:$/m.test(kept) ? kept : `${kept}config:\n`;
  return whole.replace(/^config:\n/m, (line) => line + lines);
}
