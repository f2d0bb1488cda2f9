/** One ESXi host: makes its parts, gives each the parts that it needs, and starts and stops them together. */
import { join } from "node:path";
import { type AboutInfo, versionIndex } from "../../schema/index.ts";
import { aboutInfo } from "../core/about.ts";
import { HOST } from "../core/ids.ts";
import { ObjectRegistry } from "../core/objects.ts";
import type { HostOptions } from "../core/options.ts";
import { Sessions } from "../core/sessions.ts";
import { type HostIdentity, Store } from "../core/store.ts";
import { Datastore } from "../datastore/datastore.ts";
import type { HostContext } from "../host-context.ts";
import { type LeaseCertificate, Leases } from "../lease/leases.ts";
import { Networking } from "../network/networking.ts";
import { Pools } from "../pools/pools.ts";
import { poolReaders } from "../pools/resource-pool.ts";
import { Collectors } from "../property/collectors.ts";
import { Mounts } from "../storage/mounts.ts";
import { Tasks } from "../task/tasks.ts";
import { AutoStart } from "../vm/auto-start/auto-start.ts";
import { Power } from "../vm/power/power.ts";
import { Vms } from "../vm/vms.ts";
import { Services } from "./services.ts";

export interface HostSecrets {
  readonly password: string;
  readonly certificate: LeaseCertificate;
}

export class Host implements HostContext {
  readonly options: HostOptions;
  readonly about: AboutInfo;
  readonly version: number;
  readonly identity: HostIdentity;
  readonly store: Store;
  readonly objects = new ObjectRegistry();
  readonly datastores: ReadonlyMap<string, Datastore>;
  readonly sessions: Sessions;
  readonly tasks: Tasks;
  readonly collectors: Collectors;
  readonly vms: Vms;
  readonly mounts: Mounts;
  readonly networking: Networking;
  readonly pools: Pools;
  readonly power: Power;
  readonly autoStart: AutoStart;
  readonly services: Services;
  readonly leases: Leases;
  bootTime = new Date();

  private constructor(
    options: HostOptions,
    secrets: HostSecrets,
    store: Store,
    datastores: Map<string, Datastore>,
  ) {
    this.options = options;
    this.store = store;
    this.identity = store.identity;
    this.datastores = datastores;
    this.about = aboutInfo(options.apiVersion);
    this.version = versionIndex(options.apiVersion);
    this.tasks = new Tasks(this.objects, {
      durationMs: options.taskDurationMs,
      retentionMs: options.taskRetentionSeconds * 1000,
    });
    this.collectors = new Collectors(this.objects);
    this.sessions = new Sessions({
      username: options.username,
      password: secrets.password,
      idleSeconds: options.sessionIdleSeconds,
      onEnd: (session) => {
        this.collectors.endSession(session.key);
        this.objects.removeOfSession(session.key);
      },
    });
    this.vms = new Vms(this, {
      poolOf: (moid) => this.pools.of(moid),
      poolsChanged: () => this.pools.vmsChanged(),
      leaves: (vm) => {
        this.power.forget(vm);
        this.autoStart.forget(vm.moid);
      },
    });
    this.mounts = new Mounts(this, this.vms, datastores);
    this.networking = new Networking(this, this.vms);
    this.pools = new Pools(this, this.vms, poolReaders);
    this.power = new Power(this, this.vms, this.pools);
    this.autoStart = new AutoStart(this, this.vms, this.power);
    this.services = new Services(this);
    this.leases = new Leases(this, this.vms, this.pools, secrets.certificate);
    this.mounts.announce();
    this.networking.announce();
    this.pools.announce();
  }

  static async open(options: HostOptions, secrets: HostSecrets): Promise<Host> {
    const store = await Store.open(options.stateDir);
    const datastores = new Map<string, Datastore>();
    for (const { name, capacityBytes } of options.datastores) {
      const dir = join(options.stateDir, "datastores", encodeURIComponent(name));
      datastores.set(
        name,
        await Datastore.open(dir, { name, capacityBytes, awayFiles: options.behaviour.awayFiles }),
      );
    }
    const host = new Host(options, secrets, store, datastores);
    await host.vms.load(store.vms);
    for (const vm of host.vms.list()) if (vm.powerState === "poweredOn") host.power.bootGuest(vm);
    return host;
  }

  /** Port groups that VMs can be on. */
  get networks(): readonly string[] {
    return this.networking.names;
  }

  /**
   * Stops and starts the host. VMs stop and start as the list says. VMs that are not on it lose their power.
   *
   * @returns ids of the VMs that started, in order
   */
  async reboot(): Promise<string[]> {
    this.autoStart.powerOff();
    for (const vm of this.vms.list()) if (vm.powerState === "poweredOn") this.power.powerOff(vm);
    this.sessions.endAll();
    const ssh = this.services.info().service?.find(({ key }) => key === "TSM-SSH");
    await this.services.set("TSM-SSH", ssh?.policy === "on");
    this.bootTime = new Date();
    this.objects.changed(HOST, "runtime", "summary");
    return await this.autoStart.powerOn();
  }

  async close(): Promise<void> {
    this.sessions.endAll();
    await this.leases.stop();
    this.power.stop();
    await this.tasks.stop();
    await this.store.close();
  }
}
