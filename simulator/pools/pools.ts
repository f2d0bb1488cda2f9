/** The host's resource pools: a tree below the root pool, with the VMs that are in each. */
import type { ManagedObjectReference, ResourceConfigSpec } from "../../schema/index.ts";
import { TOTAL } from "../core/cpu-and-memory.ts";
import * as ids from "../core/ids.ts";
import { type PropertyReaders, reference } from "../core/objects.ts";
import type { StoredPool } from "../core/stored.ts";
import type { HostContext } from "../host-context.ts";
import { invalidArgument, managedObjectNotFound, notSupported, VimFault } from "../soap/fault.ts";
import { duplicateName, storedName } from "../vm/identity/names.ts";
import type { Vms } from "../vm/vms.ts";
import { allocation, type Resource } from "./pool-allocation.ts";

const ROOT = ids.ROOT_POOL.value;
const RESOURCES: readonly Resource[] = ["cpu", "memory"];

export class Pools {
  readonly #host: HostContext;
  readonly #vms: Vms;
  readonly #readersOf: (pools: Pools, id: string) => PropertyReaders;
  readonly #pools = new Map<string, StoredPool>();

  /** @param readersOf reads the properties of a pool */
  constructor(host: HostContext, vms: Vms, readersOf: (pools: Pools, id: string) => PropertyReaders) {
    this.#host = host;
    this.#vms = vms;
    this.#readersOf = readersOf;
    for (const pool of host.store.pools) this.#pools.set(pool.id, pool);
  }

  /** Puts the pools of an earlier run into the inventory. */
  announce(): void {
    for (const { id } of this.#pools.values()) this.#announce(id);
  }

  find(id: string): StoredPool | undefined {
    return this.#pools.get(id);
  }

  /** @throws VimFault ManagedObjectNotFound */
  check(pool: ManagedObjectReference): void {
    if (pool.value !== ROOT && !this.#pools.has(pool.value)) throw managedObjectNotFound(pool);
  }

  children(id: string): readonly StoredPool[] {
    return [...this.#pools.values()].filter(({ parent }) => parent === id);
  }

  /** The VMs directly in a pool. */
  vms(id: string): ManagedObjectReference[] {
    const all = this.#vms.references();
    const own = this.#pools.get(id);
    if (own) return all.filter(({ value }) => own.vms.includes(value));
    const elsewhere = new Set([...this.#pools.values()].flatMap((pool) => pool.vms));
    return all.filter(({ value }) => !elsewhere.has(value));
  }

  /** The pool that a VM is in. */
  of(vm: string): ManagedObjectReference {
    const own = [...this.#pools.values()].find((pool) => pool.vms.includes(vm));
    return own ? poolRef(own.id) : ids.ROOT_POOL;
  }

  put(vm: ManagedObjectReference, pool: ManagedObjectReference): void {
    const before = this.of(vm.value);
    if (before.value === pool.value) return;
    for (const one of [...this.#pools.values()]) {
      const vms = one.vms.filter((id) => id !== vm.value);
      this.#pools.set(one.id, { ...one, vms: one.id === pool.value ? [...vms, vm.value] : vms });
    }
    this.#save();
    this.#host.objects.changed(vm, "resourcePool");
    this.#changed(before.value, pool.value);
  }

  /** Notifies the listeners that VMs were added or removed. */
  vmsChanged(): void {
    for (const id of [ROOT, ...this.#pools.keys()])
      this.#host.objects.changed(poolRef(id), "vm", "runtime", "summary");
  }

  /** @throws VimFault DuplicateName, InvalidName, InvalidArgument, InsufficientResourcesFault */
  create(parent: string, name: string, spec: ResourceConfigSpec): ManagedObjectReference {
    const stored = this.#checkedName(parent, name);
    const cpu = allocation("cpu", spec.cpuAllocation, undefined);
    const memory = allocation("memory", spec.memoryAllocation, undefined);
    this.#admit(parent, "cpu", cpu.reservation);
    this.#admit(parent, "memory", memory.reservation);
    const id = this.#host.store.nextPoolId();
    this.#pools.set(id, { id, name: stored, parent, cpu, memory, vms: [] });
    this.#save();
    this.#announce(id);
    this.#changed(parent);
    return poolRef(id);
  }

  /** @throws VimFault as create, and NotSupported for the root pool */
  update(id: string, name: string | undefined, spec: ResourceConfigSpec | undefined): void {
    const now = this.#need(id);
    const renamed = name === undefined || name === "" || name === now.name ? now.name : name;
    const stored = renamed === now.name ? renamed : this.#checkedName(now.parent, renamed);
    const next = {
      ...now,
      name: stored,
      cpu: spec ? allocation("cpu", spec.cpuAllocation, now.cpu) : now.cpu,
      memory: spec ? allocation("memory", spec.memoryAllocation, now.memory) : now.memory,
    };
    for (const resource of RESOURCES) {
      if (!next[resource].expandableReservation && this.#used(id, resource) > next[resource].reservation)
        throw insufficient();
      this.#admit(now.parent, resource, this.#claim(next, resource) - this.#claim(now, resource));
    }
    this.#pools.set(id, next);
    this.#save();
    this.#host.objects.changed(poolRef(id), "name");
    this.#changed(id, now.parent);
  }

  /** Removes a pool with all pools below it. Their VMs go to its parent. @throws VimFault NotSupported for the root */
  destroy(id: string): void {
    const { parent } = this.#need(id);
    this.#dissolve(id, parent);
    this.#save();
    this.#changed(parent);
  }

  /** Removes all pools below a pool. Their VMs go to it. */
  destroyChildren(id: string): void {
    for (const child of this.children(id)) this.#dissolve(child.id, id);
    this.#save();
    this.#changed(id);
  }

  /** @throws VimFault InvalidArgument, DuplicateName, InsufficientResourcesFault */
  moveInto(id: string, list: readonly ManagedObjectReference[]): void {
    for (const ref of list) {
      if (ref.type === "VirtualMachine") {
        if (this.#vms.find(ref.value) === undefined) throw managedObjectNotFound(ref);
        this.put(ref, poolRef(id));
      } else if (ref.type === "ResourcePool") this.#move(ref.value, id);
      else throw invalidArgument("list");
    }
  }

  /** The reservations of the pools and the running VMs in a pool. */
  reserved(id: string, resource: Resource): { readonly pools: number; readonly vms: number } {
    const pools = this.children(id).reduce((sum, child) => sum + this.#claim(child, resource), 0);
    const vms = this.vms(id).reduce((sum, { value }) => {
      const vm = this.#vms.find(value);
      if (vm?.powerState !== "poweredOn") return sum;
      const { cpuAllocation, memoryAllocation } = vm.config;
      return sum + ((resource === "cpu" ? cpuAllocation : memoryAllocation)?.reservation ?? 0);
    }, 0);
    return { pools, vms };
  }

  /** How much can still be reserved in a pool. If it is expandable, with what its parents can lend it. */
  unreserved(id: string, resource: Resource): number {
    const pool = this.#pools.get(id);
    const total = resource === "cpu" ? TOTAL.mhz : TOTAL.megabytes;
    if (pool === undefined) return total - this.#used(id, resource);
    const { reservation, expandableReservation, limit } = pool[resource];
    const used = this.#used(id, resource);
    if (!expandableReservation) return reservation - used;
    const own = Math.max(0, reservation - used) + this.unreserved(pool.parent, resource);
    return limit < 0 ? own : Math.min(own, limit - used);
  }

  #move(id: string, to: string): void {
    const pool = this.#need(id);
    for (let at: string | undefined = to; at !== undefined; at = this.#pools.get(at)?.parent)
      if (at === id) throw invalidArgument("list");
    if (pool.parent === to) return;
    this.#checkedName(to, pool.name);
    this.#pools.delete(id);
    try {
      for (const resource of RESOURCES) this.#admit(to, resource, this.#claim(pool, resource));
    } finally {
      this.#pools.set(id, pool);
    }
    this.#pools.set(id, { ...pool, parent: to });
    this.#save();
    this.#host.objects.changed(poolRef(id), "parent");
    this.#changed(pool.parent, to);
  }

  #dissolve(id: string, heir: string): void {
    for (const child of this.children(id)) this.#dissolve(child.id, heir);
    for (const vm of this.vms(id)) this.put(vm, poolRef(heir));
    this.#pools.delete(id);
    this.#host.objects.remove(poolRef(id));
  }

  /** How much a pool takes from its parent: its reservation, and what it has borrowed beyond it. */
  #claim(pool: StoredPool, resource: Resource): number {
    const { reservation, expandableReservation } = pool[resource];
    return expandableReservation ? Math.max(reservation, this.#used(pool.id, resource)) : reservation;
  }

  #used(id: string, resource: Resource): number {
    const { pools, vms } = this.reserved(id, resource);
    return pools + vms;
  }

  #admit(parent: string, resource: Resource, more: number): void {
    if (more > 0 && more > this.unreserved(parent, resource)) throw insufficient();
  }

  #checkedName(parent: string, name: string): string {
    const stored = storedName(name);
    const other = this.children(parent).find((pool) => pool.name === stored);
    if (other) throw duplicateName(stored, poolRef(other.id));
    return stored;
  }

  #need(id: string): StoredPool {
    const pool = this.#pools.get(id);
    if (pool === undefined) throw notSupported();
    return pool;
  }

  #announce(id: string): void {
    this.#host.objects.add({ ref: poolRef(id), readers: this.#readersOf(this, id) });
  }

  #changed(...pools: string[]): void {
    for (const id of pools)
      this.#host.objects.changed(poolRef(id), "resourcePool", "vm", "config", "summary", "runtime");
  }

  #save(): void {
    const known = new Set(this.#vms.references().map(({ value }) => value));
    this.#host.store.pools = [...this.#pools.values()].map((pool) => ({
      ...pool,
      vms: pool.vms.filter((vm) => known.has(vm)),
    }));
  }
}

function poolRef(id: string): ManagedObjectReference {
  return reference("ResourcePool", id);
}

function insufficient(): VimFault {
  return new VimFault(
    "InsufficientResourcesFault",
    "The operation cannot be allowed at the current time because there are not enough resources available in the parent resource pool.",
  );
}
