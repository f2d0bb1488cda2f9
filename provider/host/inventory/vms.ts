import { retrieveInventory } from "../../vim/property-collector.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { type ObservedVm, observedVm, VM_PATHS } from "../observed-vm.ts";
import { sharedRead } from "./shared-read.ts";

/** A virtual machine, and where it is. */
export interface InventoryVm extends ObservedVm {
  /** Name of the resource pool that it is in. */
  readonly resourcePool: string;
}

const PATHS = [...VM_PATHS, "resourcePool"] as const;

interface Inventory {
  /** Those whose configuration the host can read, in the order of their names. */
  readonly vms: readonly InventoryVm[];
  readonly resourcePools: readonly { readonly name: string }[];
}

/** All virtual machines of the host, and its resource pools, as they are now. */
export const readVms = sharedRead(async ({ client }: EsxiHost): Promise<Inventory> => {
  const { VirtualMachine: vms, ResourcePool: pools } = await retrieveInventory(client, {
    VirtualMachine: PATHS,
    ResourcePool: ["name"],
  });
  const poolNames = new Map(pools.map(({ ref, properties }) => [ref.value, properties.name ?? ""]));
  const found = vms.flatMap((object): InventoryVm[] => {
    const vm = observedVm(object);
    if (vm === undefined) return [];
    return [{ ...vm, resourcePool: poolNames.get(object.properties.resourcePool?.value ?? "") ?? "" }];
  });
  return {
    vms: found.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true })),
    resourcePools: [...poolNames.values()].map((name) => ({ name })),
  };
});
