import * as v from "valibot";
import type { ObservedVm } from "../../host/observed-vm.ts";
import { ADAPTER_TYPES, type AdapterWish, adaptersAmong, sameMac } from "../../host/vm-adapters.ts";
import { unknownSetting } from "../setting-kinds.ts";

/** VMware's own range for addresses that people give: 00:50:56:00:00:00 to 00:50:56:3f:ff:ff. */
const MANUAL_MAC = /^00:50:56:[0-3][0-9a-f](:[0-9a-f]{2}){2}$/i;

const networkInterface = v.strictObject(
  {
    network: v.pipe(v.string("must be a port group's name"), v.nonEmpty("must not be empty")),
    adapterType: v.optional(v.picklist(ADAPTER_TYPES, `must be one of ${ADAPTER_TYPES.join(", ")}`)),
    macAddress: v.optional(
      v.pipe(
        v.string("must be a text"),
        v.regex(
          MANUAL_MAC,
          "must lie in VMware's range for manual addresses, 00:50:56:00:00:00 to 00:50:56:3f:ff:ff",
        ),
      ),
    ),
  },
  unknownSetting,
);

/** The setting `networkInterfaces`: at most ten, as many as a virtual machine can have. */
export const networkInterfaces = v.optional(
  v.pipe(v.array(networkInterface, "must be a list"), v.maxLength(10, "must have at most ten")),
);

/** The adapters as a change to make; undefined if the machine has what is wished for. */
export function adapterChange(
  vm: ObservedVm,
  wishes: readonly AdapterWish[] | undefined,
): readonly AdapterWish[] | undefined {
  if (wishes === undefined) return undefined;
  const adapters = adaptersAmong(vm.devices);
  const fits = wishes.every((wish, index) => {
    const adapter = adapters[index];
    if (adapter === undefined || adapter.network !== wish.network) return false;
    const typeFits = wish.adapterType === undefined || wish.adapterType === adapter.adapterType;
    return typeFits && (wish.macAddress === undefined || sameMac(wish.macAddress, adapter.macAddress));
  });
  return fits && adapters.length === wishes.length ? undefined : wishes;
}

/** What the host has, told with the settings that the program uses, so that no difference shows where there is none. */
export function observedInterfaces(vm: ObservedVm, asked: readonly AdapterWish[]): AdapterWish[] {
  return adaptersAmong(vm.devices).map((adapter, index) => {
    const wish = asked[index];
    if (wish === undefined) return { network: adapter.network, adapterType: adapter.adapterType };
    return {
      network: adapter.network,
      ...(wish.adapterType !== undefined && { adapterType: adapter.adapterType }),
      ...(wish.macAddress !== undefined && {
        macAddress: sameMac(wish.macAddress, adapter.macAddress) ? wish.macAddress : adapter.macAddress,
      }),
    };
  });
}
