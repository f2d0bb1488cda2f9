import type { EsxiHost } from "../../../provider/host/esxi-host.ts";
import type { HostSettings } from "../../../provider/host/host-settings.ts";
import { OWNER_MARK_KEY, parseOwnerMark } from "../../../provider/host/vm/reading/owner-mark.ts";
import type { CheckFailure, Context, Properties } from "../../../provider/resources/frame/lifecycle.ts";
import { ovaDeployment } from "../../../provider/resources/vm/ova-deployment.lifecycle.ts";
import { closeOvaSources } from "../../../provider/resources/vm/ova-sources.ts";
import type { SimulatedVm, SimulatorOptions } from "../../../simulator/index.ts";
import { connectTo } from "../../support/esxi-host.ts";
import { buildOva, type OvaOptions } from "../../support/ova-builder.ts";
import { SimulatedHost } from "../../support/simulated-host.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/temporary-folder.ts";
import { tinyOva } from "../../support/tiny-ova.ts";

const URN = "urn:pulumi:dev::lab::pulumi-nodejs:esxi:OvaDeployment::vm";
export const PROVIDER = "the provider text";

/** A VM under Pulumi's care: what its state has. */
export interface Managed {
  readonly id: string;
  readonly outs: Properties;
  readonly inputs: Properties;
}

/** Labs that share what the process has opened, as the resources of a run do. */
const openLabs = new Set<Lab>();

/** A simulated host with our side of the conversation, as the dynamic-provider process has it. */
export class Lab {
  readonly raw: SimulatedHost;
  readonly said: { readonly kind: "status" | "info" | "warn"; readonly text: string }[] = [];
  readonly #folder: TemporaryFolder;
  readonly #hosts: EsxiHost[] = [];
  #host: EsxiHost;

  private constructor(raw: SimulatedHost, folder: TemporaryFolder) {
    this.raw = raw;
    this.#folder = folder;
    this.#host = this.connect();
    openLabs.add(this);
  }

  static async open(options: Partial<SimulatorOptions> = {}): Promise<Lab> {
    const raw = await SimulatedHost.start({ guestAddressDelayMs: 20, ...options });
    return new Lab(raw, await temporaryFolder());
  }

  /** Names of the host's datastores. */
  get datastores(): readonly string[] {
    return this.raw.datastores;
  }

  /** The connection that the run shares. */
  get host(): EsxiHost {
    return this.#host;
  }

  /**
   * Another connection, as another run of Pulumi has it.
   * @param ports Where to connect to instead of the host's own ports.
   */
  connect(
    settings: Partial<HostSettings> = {},
    ports: { readonly api?: number; readonly ssh?: number } = {},
  ): EsxiHost {
    const { ssh } = this.raw.simulator;
    const host = connectTo(this.raw, "esxi1", {
      ...(ports.api !== undefined && { origin: `https://127.0.0.1:${ports.api}` }),
      ssh: ssh && {
        host: "127.0.0.1",
        port: ports.ssh ?? ssh.port,
        username: this.raw.username,
        password: this.raw.password,
        hostKey: { fingerprints: [ssh.hostKeySha256], knownHosts: "", trustOnFirstUse: false },
      },
      ...settings,
    });
    this.#hosts.push(host);
    return host;
  }

  /** As if this process had ended and a new one had begun. @param ports Where the new one connects to, as for `connect`. */
  async restart(ports?: { readonly api?: number; readonly ssh?: number }): Promise<void> {
    await this.#host.close();
    this.#host = this.connect({}, ports);
  }

  /** As if this process had been killed and a new one had begun. */
  restartAfterKill(): void {
    this.raw.simulator.expireSessions();
    this.#host = this.connect();
  }

  context(signal: AbortSignal = new AbortController().signal, host = this.#host): Context {
    const say = (kind: "status" | "info" | "warn") => (text: string) => void this.said.push({ kind, text });
    return {
      progress: { status: say("status"), info: say("info"), warn: say("warn") },
      signal,
      projectFolder: this.#folder.path,
      host: () => host,
    };
  }

  texts(kind: "status" | "info" | "warn"): string[] {
    return this.said.filter((line) => line.kind === kind).map(({ text }) => text);
  }

  /** Writes an OVA and returns its path. */
  ova(options: OvaOptions, name = "test.ova"): Promise<string> {
    return this.#folder.write(name, buildOva(options).ova);
  }

  /** Writes a file of the project, and returns its path. */
  write(name: string, content: Uint8Array | string): Promise<string> {
    return this.#folder.write(name, content);
  }

  /** Inputs as the program side sends them, for the tiny OVA unless the settings name another one. */
  program(settings: Properties = {}): Properties {
    const inputs = { name: "vm", ovaPath: tinyOva.path, ...settings, __provider: PROVIDER, __urn: URN };
    // On the way to the provider what is undefined gets lost.
    return JSON.parse(JSON.stringify(inputs)) as Properties;
  }

  check(
    settings: Properties,
  ): Promise<{ readonly inputs: Properties; readonly failures: readonly CheckFailure[] }> {
    return ovaDeployment.check({}, this.program(settings), this.context());
  }

  /** What the check makes of settings that are fine. */
  async inputs(settings: Properties = {}): Promise<Properties> {
    const { inputs, failures } = await this.check(settings);
    if (failures.length > 0) throw new Error(JSON.stringify(failures));
    return inputs;
  }

  /** Check and create, as `pulumi up` does. */
  async create(settings: Properties = {}, context = this.context()): Promise<Managed> {
    const inputs = await this.inputs(settings);
    const { id, outs } = await ovaDeployment.create(inputs, context);
    return { id, outs, inputs };
  }

  async diff(vm: Managed, settings: Properties) {
    return ovaDeployment.diff(vm.id, vm.outs, await this.inputs(settings), this.context());
  }

  /** Check and update. */
  async update(vm: Managed, settings: Properties, context = this.context()): Promise<Managed> {
    const inputs = await this.inputs(settings);
    const { outs } = await ovaDeployment.update(vm.id, vm.outs, inputs, context);
    return { id: vm.id, outs, inputs };
  }

  /** Refresh; undefined if the VM is gone. */
  async read(vm: Managed, context = this.context()): Promise<Managed | undefined> {
    this.#host.vms.forget();
    const { id, props } = await ovaDeployment.read(vm.id, vm.outs, context);
    return id === undefined || props === undefined ? undefined : { ...vm, id, outs: props };
  }

  delete(vm: Managed, context = this.context()): Promise<void> {
    return ovaDeployment.delete(vm.id, vm.outs, context);
  }

  /** Registers a VM whose files are there, as somebody does in the host's client. */
  async register(vmxPath: string): Promise<void> {
    const { vmFolder, rootPool } = await this.host.facts();
    await this.host.task(
      () =>
        this.host.client.call(vmFolder, "RegisterVM_Task", {
          path: vmxPath,
          asTemplate: false,
          pool: rootPool,
        }),
      { signal: new AbortController().signal },
    );
  }

  /** Somebody else does something when the host has answered that many reads. */
  afterReads(reads: number, work: () => Promise<unknown>): void {
    this.raw.simulator.faults.add({
      method: "RetrievePropertiesEx",
      after: reads - 1,
      count: 1,
      action: "continue",
      onWork: async (moment) => void (moment === "after" && (await work())),
    });
  }

  /** An advanced setting as it stands on the raw host. */
  extraConfig(vm: SimulatedVm, key: string): unknown {
    return vm.config.extraConfig?.find((option) => option.key === key)?.value;
  }

  ownerMark(vm: SimulatedVm) {
    return parseOwnerMark(this.extraConfig(vm, OWNER_MARK_KEY) as string | undefined);
  }

  async close(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.close()));
    openLabs.delete(this);
    if (openLabs.size === 0) await closeOvaSources();
    await this.raw.stop();
    await this.#folder.remove();
  }
}

/** The error that a promise rejects with. */
export async function failure(promise: Promise<unknown>): Promise<Error> {
  const result = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (result instanceof Error) return result;
  throw new Error("It succeeded.");
}
