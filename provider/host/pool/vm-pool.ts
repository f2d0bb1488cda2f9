import { retrieveOne } from "../../vim/reads/property-collector.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { findResourcePool } from "../inventory/placement.ts";
import type { ObservedVm } from "../vm/reading/observed-vm.ts";

/**
 * Puts a virtual machine into a resource pool, in place: it keeps running.
 *
 * @param name The pool's name or path; the host's root pool if undefined.
 * @returns False if it is in that pool already.
 * @throws HostError if the host has no such pool, or several.
 */
export async function moveToPool(
  host: EsxiHost,
  vm: ObservedVm,
  name: string | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const [pool, { resourcePool }] = await Promise.all([
    findResourcePool(host, name),
    retrieveOne(host.client, vm.ref, "VirtualMachine", ["resourcePool"], signal),
  ]);
  if (resourcePool?.value === pool.value) return false;
  await host.client.call(pool, "MoveIntoResourcePool", { list: [vm.ref] }, { signal });
  return true;
}
