import { type AdapterWish, adapterChanges, adaptersAmong, sameMac } from "../vm-adapters.ts";
import type { Facet } from "./facet.ts";

/** Network adapters in their order; all that the machine is to have. */
export const networkInterfaces: Facet<readonly AdapterWish[]> = {
  observe: (vm, wishes) =>
    adaptersAmong(vm.devices).map((adapter, index) => {
      const wish = wishes[index];
      if (wish === undefined) return { network: adapter.network, adapterType: adapter.adapterType };
      return {
        network: adapter.network,
        ...(wish.adapterType !== undefined && { adapterType: adapter.adapterType }),
        ...(wish.macAddress !== undefined && {
          macAddress: sameMac(wish.macAddress, adapter.macAddress) ? wish.macAddress : adapter.macAddress,
        }),
      };
    }),
  spec: (vm, wishes) => ({ deviceChange: adapterChanges(vm.devices, wishes) }),
  needsOff: () => false,
};
