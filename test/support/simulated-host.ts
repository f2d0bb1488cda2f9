import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import {
  type SimulatedVm,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from "../../simulator/index.ts";
import { digestOf } from "./collect.ts";
import type { HostAccess } from "./host-access.ts";

const GIB = 1024 ** 3;

/** What the raw host has, whatever Pulumi believes. */
export interface HostContents {
  /** `name: power state`, sorted. */
  readonly vms: readonly string[];
  /** Every file and folder of every datastore. */
  readonly files: readonly string[];
  readonly leases: number;
  readonly sessions: number;
}

/** The password of a simulated host, unless a test has another. */
export const USUAL_PASSWORD = "wrong-Horse.81/staple";

/** Option of a host whose SOAP requests are recorded. To record takes a sixteenth of a test's processor time. */
export const RECORDED = { recordTo: "requests.jsonl" } as const;

/**
 * A simulated host in this process, with one datastore and state in a temporary folder: what every test starts that needs
 * one. Labs add a client, a Pulumi project or the provider's own connection.
 */
export class SimulatedHost implements HostAccess {
  simulator: Simulator;
  password: string;
  /** The file with every SOAP request, for tests that start the host with {@link RECORDED}. */
  readonly recording: string;
  /** What the host keeps between two runs. */
  readonly stateDir: string;
  readonly #folder: string;
  #options: SimulatorOptions;

  private constructor(simulator: Simulator, options: SimulatorOptions, folder: string) {
    this.simulator = simulator;
    this.password = options.password;
    this.recording = options.recordTo ?? "";
    this.stateDir = options.stateDir;
    this.#folder = folder;
    this.#options = options;
  }

  static async start(options: Partial<SimulatorOptions> = {}): Promise<SimulatedHost> {
    const folder = await mkdtemp(join(tmpdir(), "esxi-host-"));
    const whole = {
      password: USUAL_PASSWORD,
      datastores: [{ name: "datastore1", capacityBytes: 100 * GIB }],
      ...options,
      stateDir: join(folder, "state"),
      ...(options.recordTo !== undefined && { recordTo: join(folder, options.recordTo) }),
    };
    return new SimulatedHost(await startSimulator(whole), whole, folder);
  }

  /** The same host after a restart at another port, and with another password. */
  async moveTo(port: number, password: string): Promise<void> {
    await this.simulator.stop();
    const options = { ...this.#options, listen: `127.0.0.1:${port}`, password };
    this.simulator = await startSimulator(options);
    this.password = password;
  }

  /** The same host after a restart, with other options if there are any: another licence, say. */
  async restart(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
    await this.simulator.stop();
    this.#options = { ...this.#options, ...options };
    this.simulator = await startSimulator(this.#options);
    return this.simulator;
  }

  get url(): string {
    return this.simulator.url;
  }

  get username(): string {
    return this.simulator.username;
  }

  get thumbprint(): string {
    return this.simulator.thumbprint;
  }

  /** Names of its datastores. */
  get datastores(): readonly string[] {
    return (this.#options.datastores ?? []).map(({ name }) => name);
  }

  /** The VM of that name. */
  vm(name: string): SimulatedVm {
    const found = this.simulator.vms().filter((vm) => vm.name === name);
    expect(found.map((vm) => vm.name)).toEqual([name]);
    return found[0] as SimulatedVm;
  }

  /** How often a method was called, or with `nfc` how many uploads began. */
  count(method?: string): number {
    return this.simulator.requests.count(method);
  }

  /** SHA-256 of the VM's first disk as the host would read it. */
  async rawDisk(name: string): Promise<string> {
    const [disk] = this.diskPaths(name);
    const { sha256 } = await digestOf(this.simulator.readDisk(disk ?? ""));
    return sha256;
  }

  /** Datastore paths of a VM's disks, in the order of their units. */
  diskPaths(name: string): string[] {
    const backings = (this.vm(name).config.hardware.device ?? []).map((device) => device.backing);
    return backings.flatMap((backing) =>
      /^VirtualDisk\w+BackingInfo$/.test(backing?.$type ?? "") && backing && "fileName" in backing
        ? [String(backing.fileName)]
        : [],
    );
  }

  /** `name: description` of a VM's snapshots, as its file tells of them. */
  async snapshots(name: string): Promise<string[]> {
    const file = this.simulator.localFile(this.vm(name).vmxPath.replace(/\.vmx$/, ".vmsd"));
    const text = await readFile(file, "utf8").catch(() => "");
    const value = (key: string) => new RegExp(`^${key} = "(.*)"$`, "m").exec(text)?.[1] ?? "";
    return Array.from(
      { length: Number(value("snapshot.numSnapshots") || 0) },
      (_, index) => `${value(`snapshot${index}.displayName`)}: ${value(`snapshot${index}.description`)}`,
    );
  }

  async contents(): Promise<HostContents> {
    const files = await Promise.all(
      this.datastores.map(async (name) =>
        (await this.simulator.files(name)).map((file) => `[${name}] ${file}`),
      ),
    );
    return {
      vms: this.simulator
        .vms()
        .map(({ name, powerState }) => `${name}: ${powerState}`)
        .sort(),
      files: files.flat().sort(),
      leases: this.simulator.leases().length,
      sessions: this.simulator.sessions().length,
    };
  }

  /** Fails unless nobody is logged in, and nothing but these VMs is there or under way; files are theirs alone. */
  async expectVms(...vms: readonly string[]): Promise<void> {
    const folders = [...new Set(this.simulator.vms().map(({ vmxPath }) => `${vmxPath.split("/")[0]}/`))];
    // A host with nothing of ours has no mark of a network, pool or service either.
    const isMark = (file: string) => vms.length > 0 && /\] \.pulumi-esxi-direct-\w+-\w{16}\.made$/.test(file);
    const stray = (files: readonly string[]) =>
      files.filter((file) => !folders.some((folder) => file.startsWith(folder)) && !isMark(file));
    const now = async () => {
      const { files, ...others } = await this.contents();
      return { ...others, strayFiles: stray(files) };
    };
    // Pulumi does not wait for its providers' last requests.
    await expect.poll(now).toEqual({ vms: [...vms].sort(), strayFiles: [], leases: 0, sessions: 0 });
  }

  /** Fails unless the host is as it was before anybody came. */
  async expectEmpty(): Promise<void> {
    await this.expectVms();
  }

  /** Waits until that holds; fails after a minute. */
  async until(holds: () => boolean, what: string): Promise<void> {
    await expect.poll(holds, { timeout: 60_000, message: what }).toBe(true);
  }

  async stop(): Promise<void> {
    await this.simulator.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
