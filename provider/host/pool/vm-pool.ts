import type { ManagedObjectReference } from "../../../schema/index.ts";
import { retrieveOne } from "../../vim/reads/property-collector.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { findResourcePool } from "../inventory/named-places.ts";
import type { ObservedVm } from "../vm/reading/observed-vm.ts";

/**
 * The pool of that name. Undefined if a machine is in it already.
 *
 * @param name The pool's name or path. Undefined for the host's root pool.
 * @throws HostError if the host has no such pool, or several.
 */
export async function otherPool(
  host: EsxiHost,
  vm: Pick<ObservedVm, "ref">,
  name: string | undefined,
  signal: AbortSignal,
): Promise<ManagedObjectReference | undefined> {
  const [pool, now] = await Promise.all([findResourcePool(host, name), poolOf(host, vm, signal)]);
  return now?.value === pool.value ? undefined : pool;
}

/** The pool that a machine is in. */
export async function poolOf(
  host: EsxiHost,
  vm: Pick<ObservedVm, "ref">,
  signal: AbortSignal,
): Promise<ManagedObjectReference | undefined> {
  return (await retrieveOne(host.client, vm.ref, "VirtualMachine", ["resourcePool"], signal)).resourcePool;
}

/**
 * Moves a virtual machine into a resource pool. It keeps running.
 *
 * @param name As in {@link otherPool}.
 * @returns False if it is in that pool already.
 * @throws HostError as {@link otherPool}.
 */
export async function moveToPool(
  host: EsxiHost,
  vm: ObservedVm,
  name: string | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const pool = await otherPool(host, vm, name, signal);
  if (pool === undefined) return false;
  await host.client.call(pool, "MoveIntoResourcePool", { list: [vm.ref] }, { signal });
  return true;
}
