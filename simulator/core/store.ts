/** The part of a host's state that is on no datastore. It is one JSON file, which is replaced as a whole. */
import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  NO_AUTO_START,
  type StoredAutoStart,
  type StoredNetworking,
  type StoredPool,
  type StoredService,
  type StoredVm,
} from "./stored.ts";

export interface HostIdentity {
  /** The hardware UUID. */
  readonly uuid: string;
}

interface State {
  network?: StoredNetworking;
  pools: readonly StoredPool[];
  nextPoolId: number;
  services: Readonly<Record<string, StoredService>>;
  autoStart: StoredAutoStart;
  identity: HostIdentity;
  port: number;
  sshPort: number;
  nextVmId: number;
  vms: StoredVm[];
}

export class Store {
  readonly #file: string;
  readonly #state: State;
  #writing: Promise<void> = Promise.resolve();
  #waiting = false;

  private constructor(file: string, state: State) {
    this.#file = file;
    this.#state = state;
  }

  static async open(dir: string): Promise<Store> {
    await mkdir(dir, { recursive: true });
    const file = join(dir, "inventory.json");
    const text = await readFile(file, "utf8").catch(() => "");
    const fresh: State = {
      identity: { uuid: randomUUID() },
      port: 0,
      sshPort: 0,
      nextVmId: 1,
      vms: [],
      pools: [],
      nextPoolId: 1,
      services: {},
      autoStart: NO_AUTO_START,
    };
    const state: State = text === "" ? fresh : { ...fresh, ...JSON.parse(text) };
    const store = new Store(file, state);
    store.#save();
    await store.#writing;
    return store;
  }

  get identity(): HostIdentity {
    return this.#state.identity;
  }

  /** The port of the last run. 0 if there was none. */
  get port(): number {
    return this.#state.port;
  }

  set port(port: number) {
    this.#state.port = port;
    this.#save();
  }

  /** The SSH server's port of the last run. 0 if there was none. */
  get sshPort(): number {
    return this.#state.sshPort;
  }

  set sshPort(port: number) {
    this.#state.sshPort = port;
    this.#save();
  }

  /** Undefined on a new host. */
  get network(): StoredNetworking | undefined {
    return this.#state.network;
  }

  set network(network: StoredNetworking) {
    this.#state.network = network;
    this.#save();
  }

  get pools(): readonly StoredPool[] {
    return this.#state.pools;
  }

  set pools(pools: readonly StoredPool[]) {
    this.#state.pools = pools;
    this.#save();
  }

  nextPoolId(): string {
    const id = this.#state.nextPoolId++;
    this.#save();
    return `pool${id}`;
  }

  get autoStart(): StoredAutoStart {
    return this.#state.autoStart;
  }

  set autoStart(autoStart: StoredAutoStart) {
    this.#state.autoStart = autoStart;
    this.#save();
  }

  /** Services that somebody has changed, by key. */
  get services(): Readonly<Record<string, StoredService>> {
    return this.#state.services;
  }

  set services(services: Readonly<Record<string, StoredService>>) {
    this.#state.services = services;
    this.#save();
  }

  get vms(): readonly StoredVm[] {
    return this.#state.vms;
  }

  nextVmId(): string {
    const id = this.#state.nextVmId++;
    this.#save();
    return String(id);
  }

  putVm(vm: StoredVm): void {
    const known = this.#state.vms.some((one) => one.moid === vm.moid);
    this.#state.vms = known
      ? this.#state.vms.map((one) => (one.moid === vm.moid ? vm : one))
      : [...this.#state.vms, vm];
    this.#save();
  }

  removeVm(moid: string): void {
    this.#state.vms = this.#state.vms.filter((one) => one.moid !== moid);
    this.#save();
  }

  /** Ends when everything is on disk. */
  async close(): Promise<void> {
    while (this.#waiting) await this.#writing;
    await this.#writing;
  }

  /** One write at a time. Changes during a write go into the next one. */
  #save(): void {
    if (this.#waiting) return;
    this.#waiting = true;
    this.#writing = this.#writing.then(async () => {
      this.#waiting = false;
      await writeFile(`${this.#file}~`, `${JSON.stringify(this.#state, undefined, 2)}\n`);
      await rename(`${this.#file}~`, this.#file);
    });
  }
}
