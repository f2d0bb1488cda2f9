import { isSameName } from "../reading/vm-name.ts";
import { deviceChange } from "./device-changes.ts";
import { backingFor, cardsAmong, networkOf, presentAdapters } from "./network-interfaces.ts";
import { type DeviceSetting, WITH_DEVICES } from "./setting.ts";

/**
 * The port groups of a machine's first adapters, in order. All else about the adapters stays. A host moves an adapter
 * to another port group while the machine runs.
 */
export const adapterNetworks: DeviceSetting<readonly string[], "never"> = {
  stage: "devices",
  observe: (vm, wish) =>
    wish.map((network, index) => {
      const card = cardsAmong(vm.devices)[index];
      const now = card === undefined ? "" : networkOf(card);
      return isSameName(now, network) ? network : now;
    }),
  spec: (vm, wish) => ({
    deviceChange: cardsAmong(vm.devices).flatMap((card, index) => {
      const network = wish[index];
      if (network === undefined || isSameName(networkOf(card), network)) return [];
      return [deviceChange("edit", { ...card, backing: backingFor(network) })];
    }),
  }),
  off: "never",
  vmx: (vmx, wish) => {
    for (const [index, number] of presentAdapters(vmx).entries()) {
      const network = wish[index];
      if (network !== undefined) vmx.set(`ethernet${number}.networkName`, network);
    }
  },
  copied: WITH_DEVICES,
};
