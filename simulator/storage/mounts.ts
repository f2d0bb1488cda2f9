/** The datastores that the host has now. They come and go while it runs. */
import * as ids from "../core/ids.ts";
import type { Datastore } from "../datastore/datastore.ts";
import type { HostContext } from "../host-context.ts";
import type { Vms } from "../vm/vms.ts";
import { datastoreObjects } from "./datastore.ts";

export class Mounts {
  readonly #host: HostContext;
  readonly #vms: Vms;
  readonly #byName: Map<string, Datastore>;
  readonly #unmounted = new Map<string, Datastore>();

  /** @param byName the same map as the host's datastores */
  constructor(host: HostContext, vms: Vms, byName: Map<string, Datastore>) {
    this.#host = host;
    this.#vms = vms;
    this.#byName = byName;
  }

  /** A datastore that the host has, or had before it was unmounted. */
  find(name: string): Datastore | undefined {
    return this.#byName.get(name) ?? this.#unmounted.get(name);
  }

  /** Puts the objects of all datastores into the inventory. */
  announce(): void {
    for (const datastore of this.#byName.values()) this.#add(datastore);
  }

  /** The host has this datastore from now on. Its registered VMs can be read again. */
  async mount(datastore: Datastore): Promise<void> {
    datastore.mounted = true;
    this.#unmounted.delete(datastore.name);
    this.#byName.set(datastore.name, datastore);
    this.#add(datastore);
    await this.#changed();
  }

  /**
   * The host does not have this datastore any more: its device broke, or somebody unmounted it. Its VMs stay registered,
   * and cannot be read.
   */
  async unmount(datastore: Datastore): Promise<void> {
    datastore.mounted = false;
    this.#unmounted.set(datastore.name, datastore);
    this.#byName.delete(datastore.name);
    for (const { ref } of datastoreObjects(datastore, this.#vms)) this.#host.objects.remove(ref);
    await this.#changed();
  }

  #add(datastore: Datastore): void {
    for (const object of datastoreObjects(datastore, this.#vms)) this.#host.objects.add(object);
  }

  async #changed(): Promise<void> {
    const { objects } = this.#host;
    objects.changed(ids.DATASTORE_FOLDER, "childEntity");
    objects.changed(ids.MANAGERS.datastoreSystem, "datastore");
    for (const ref of [ids.DATACENTER, ids.COMPUTE_RESOURCE, ids.HOST]) objects.changed(ref, "datastore");
    // Their disks may be on it.
    await Promise.all(this.#vms.list().map((vm) => vm.refresh()));
  }
}
