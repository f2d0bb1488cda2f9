import { retrieveInventory } from "../../vim/reads/property-collector.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { sharedRead } from "../per-host.ts";
import { type NamedPool, withPaths } from "../pool/pool-paths.ts";
import { type ObservedVm, observedVm, VM_PATHS } from "../vm/reading/observed-vm.ts";
import { readUnreadable, type UnreadableVm } from "../vm/reading/unreadable-vm.ts";

/** A virtual machine, and where it is. */
export interface InventoryVm extends ObservedVm {
  /** Name of the resource pool that it is in. */
  readonly resourcePool: string;
  readonly poolMoid: string | undefined;
}

const PATHS = [...VM_PATHS, "resourcePool"] as const;

interface Inventory {
  /** Those that the host can read, in the order of their names. */
  readonly vms: readonly InventoryVm[];
  readonly unreadable: readonly UnreadableVm[];
  readonly resourcePools: readonly NamedPool[];
}

/** All virtual machines of the host, and its resource pools, as they are now. */
export const readVms = sharedRead(async ({ client }: EsxiHost): Promise<Inventory> => {
  const { VirtualMachine: vms, ResourcePool: pools } = await retrieveInventory(client, {
    VirtualMachine: PATHS,
    ResourcePool: ["name", "parent"],
  });
  const resourcePools = withPaths(pools);
  const seen = vms.map((object) => {
    const poolMoid = object.properties.resourcePool?.value;
    return { ref: object.ref, vm: observedVm(object), poolMoid };
  });
  const found = seen.flatMap(({ vm, poolMoid }): InventoryVm[] => {
    const resourcePool = resourcePools.find(({ ref }) => ref.value === poolMoid)?.name ?? "";
    return vm ? [{ ...vm, resourcePool, poolMoid }] : [];
  });
  const unread = seen.filter(({ vm }) => vm === undefined).map(({ ref }) => ref);
  return {
    vms: found.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true })),
    unreadable: await readUnreadable(client, unread),
    resourcePools,
  };
});
