import type {
  ManagedObjectReference,
  ResourceAllocationInfo,
  ResourceConfigSpec,
} from "../../../schema/index.ts";
import { isFault } from "../../vim/faults.ts";
import { retrieveInventory } from "../../vim/reads/property-collector.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { HostError } from "../host-error.ts";
import { findResourcePool } from "../inventory/named-places.ts";
import { inTheWay } from "../look-twice.ts";
import { madeDespiteLostAnswer } from "../lost-answer.ts";
import { sharedRead } from "../per-host.ts";
import { writerOf } from "../shell/api-or-shell.ts";
import { UnreadableError } from "../unreadable-error.ts";
import { decodeVmName, encodeVmName } from "../vm/reading/vm-name.ts";
import { type NamedPool, withPaths } from "./pool-paths.ts";
import type { ObservedPool, PoolAllocation, PoolState, PoolWriter } from "./pool-state.ts";
import { resourcePoolsByShell } from "./resource-pools-by-shell.ts";

export type { ObservedPool, PoolState } from "./pool-state.ts";

interface Pools {
  /** All pools but the root. */
  readonly pools: readonly ObservedPool[];
  /** Pools whose settings the host does not show. */
  readonly unreadable: readonly NamedPool[];
}

/** The host's pools as they are now. */
const readResourcePools = sharedRead(retrieve);

async function retrieve(host: EsxiHost): Promise<Pools> {
  const { ResourcePool: found, VirtualMachine: vms } = await retrieveInventory(host.client, {
    ResourcePool: ["name", "parent", "config", "vm"],
    VirtualMachine: ["resourcePool"],
  });
  const named = withPaths(found);
  const below = named.flatMap((pool, index) => {
    const { config, vm = [] } = found[index]?.properties ?? {};
    if (pool.parent === undefined) return [];
    const above = named.find(({ ref }) => ref.value === pool.parent?.value);
    const inIt = vms.filter(({ properties }) => properties.resourcePool?.value === pool.ref.value);
    const state = config && {
      name: pool.name,
      cpu: allocationOf(config.cpuAllocation),
      memory: allocationOf(config.memoryAllocation),
    };
    return [{ ...pool, state, inside: above?.parent && above, vms: [...vm, ...inIt.map(({ ref }) => ref)] }];
  });
  return {
    pools: below.flatMap(({ state, ...pool }) => (state ? [{ ...pool, state }] : [])),
    unreadable: below.filter(({ state }) => state === undefined),
  };
}

/**
 * The pool with that id. Undefined if the host has none.
 * @throws UnreadableError if the host does not show its settings.
 */
export async function findPoolById(host: EsxiHost, id: string): Promise<ObservedPool | undefined> {
  const { pools, unreadable } = await readResourcePools(host);
  const hidden = unreadable.find(({ ref }) => ref.value === id);
  if (hidden === undefined) return pools.find(({ ref }) => ref.value === id);
  throw new UnreadableError(
    `${host.name} has the resource pool "${hidden.path}", but does not show its settings now. It is not gone, and ` +
      "nothing was changed. Run the same once more.",
  );
}

/**
 * The pool of that name in a pool.
 * @param parent Name or path. Undefined for the root pool.
 * @throws HostError if there is no such parent, or several.
 */
export async function findPoolIn(
  host: EsxiHost,
  parent: string | undefined,
  name: string,
): Promise<ObservedPool | undefined> {
  const within = await findResourcePool(host, parent, "parentResourcePool");
  const { pools, unreadable } = await readResourcePools(host);
  const isIt = (pool: NamedPool) => pool.name === name && pool.parent?.value === within.value;
  const hidden = unreadable.find(isIt);
  if (hidden) return findPoolById(host, hidden.ref.value);
  const [pool, another] = pools.filter(isIt);
  if (another === undefined) return pool;
  throw new HostError(
    `${host.name} has several resource pools "${name}" in one place (${pools.filter(isIt).map(({ ref }) => ref.value)}). ` +
      "Rename all but the one that is meant. Nothing was changed.",
  );
}

/** @returns The host's id of the new pool. @throws HostError if there is no such parent. */
export async function addResourcePool(
  host: EsxiHost,
  parent: string | undefined,
  wish: PoolState,
  signal: AbortSignal,
): Promise<string> {
  const within = await findResourcePool(host, parent, "parentResourcePool");
  const made = await (await writer(host)).add(within, parent, wish, signal);
  host.forgetFacts();
  return made.value;
}

/** Renames a pool and changes its allocations. */
export async function updateResourcePool(
  host: EsxiHost,
  pool: ObservedPool,
  wish: PoolState,
  signal: AbortSignal,
): Promise<void> {
  await (await writer(host)).update(pool, wish, signal);
  host.forgetFacts();
}

/** Moves a pool, with all that is in it, into another one. */
export async function moveResourcePool(
  host: EsxiHost,
  pool: ObservedPool,
  parent: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const into = await findResourcePool(host, parent, "parentResourcePool");
  await (await writer(host)).move(pool, into, signal);
  host.forgetFacts();
}

/**
 * Removes a pool. Nothing happens if it is gone. The host would move its VMs up and remove its pools, so it must be
 * empty.
 * @param before Called when nothing is in it any more, just before it is removed.
 * @throws HostError with the VMs and pools in it.
 */
export async function removeResourcePool(
  host: EsxiHost,
  id: string,
  signal: AbortSignal,
  before: () => Promise<void>,
): Promise<void> {
  const pool = await findPoolById(host, id);
  if (pool === undefined) return;
  const inside = await inTheWay(() => contentOf(host, id));
  if (inside.length > 0) {
    throw new HostError(
      `${host.name}: the resource pool "${pool.path}" holds ${inside.join(", ")} and was left alone. ` +
        "Move them elsewhere, or remove them, then run this again.",
    );
  }
  await before();
  await (await writer(host)).remove(pool, signal);
  host.forgetFacts();
}

const byApi = (host: EsxiHost): PoolWriter => ({
  add(within, parent, wish, signal) {
    const params = { name: encodeVmName(wish.name), spec: specOf(wish) };
    return madeDespiteLostAnswer(
      () => host.client.call(within, "CreateResourcePool", params, { signal }),
      async () => (await findPoolIn(host, parent, wish.name))?.ref,
    );
  },
  update({ ref }, wish, signal) {
    const params = { name: encodeVmName(wish.name), config: specOf(wish) };
    return host.client.call(ref, "UpdateConfig", params, { signal });
  },
  move: ({ ref }, into, signal) =>
    host.client.call(into, "MoveIntoResourcePool", { list: [ref] }, { signal }),
  async remove({ ref }, signal) {
    try {
      await host.task(() => host.client.call(ref, "Destroy_Task", {}, { signal }), { signal });
    } catch (error) {
      // A run that was stopped has removed it already.
      if (!isFault(error, "ManagedObjectNotFound")) throw error;
    }
  },
});

const writer = (host: EsxiHost) =>
  writerOf(host, {
    api: byApi,
    ssh: (_host, shell) =>
      resourcePoolsByShell(host, shell, {
        byId: (id) => findPoolById(host, id),
        inside: (parent, name) => findPoolIn(host, parent, name),
      }),
  });

/** The pools and VMs in a pool, for messages. */
async function contentOf(host: EsxiHost, id: string): Promise<readonly string[]> {
  const { pools, unreadable } = await readResourcePools(host);
  const vms = pools.find(({ ref }) => ref.value === id)?.vms ?? [];
  return [
    ...[...pools, ...unreadable]
      .filter(({ parent }) => parent?.value === id)
      .map(({ name }) => `the resource pool "${name}"`),
    ...(await vmNames(host, vms)).map((name) => `the VM "${name}"`),
  ];
}

async function vmNames(host: EsxiHost, refs: readonly ManagedObjectReference[]): Promise<string[]> {
  if (refs.length === 0) return [];
  const ids = new Set(refs.map(({ value }) => value));
  const names = new Map((await host.vms.entries()).map(({ ref, encodedName }) => [ref.value, encodedName]));
  return [...ids].map((id) => decodeVmName(names.get(id) || id));
}

function specOf({ cpu, memory }: PoolState): ResourceConfigSpec {
  return { cpuAllocation: allocationSpec(cpu), memoryAllocation: allocationSpec(memory) };
}

function allocationSpec(wish: PoolAllocation): ResourceAllocationInfo {
  const { reservation, expandable, limit, shareLevel, shares } = wish;
  return {
    reservation,
    expandableReservation: expandable,
    limit,
    // The API wants a number for every level.
    shares: { level: shareLevel, shares: shares ?? 0 },
  };
}

function allocationOf(info: ResourceAllocationInfo): PoolAllocation {
  return {
    reservation: info.reservation ?? 0,
    expandable: info.expandableReservation ?? true,
    limit: info.limit ?? -1,
    shareLevel: info.shares?.level ?? "normal",
    shares: info.shares?.shares,
  };
}
