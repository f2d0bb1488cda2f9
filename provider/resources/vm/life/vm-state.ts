import { datastoreOf } from "../../../host/datastore/datastore-path.ts";
import { type AddressWish, addressOf } from "../../../host/vm/reading/guest-addresses.ts";
import type { ObservedVm } from "../../../host/vm/reading/observed-vm.ts";
import { observeWishes, wishesAmong } from "../../../host/vm/settings/wishes.ts";
import type { Properties } from "../../frame/lifecycle.ts";

/**
 * Outputs that say what the host has, by name, for a resource with these settings. Values that the program asked for are
 * written as the program writes them, so that no difference shows where there is none.
 */
export function vmOutputs(vm: ObservedVm, settings: Properties): Properties {
  const observed = observeWishes(vm, wishesAmong(settings));
  return {
    ...settings,
    ...observed,
    name: vm.name,
    datastore: settings.datastore ?? datastoreOf(vm.vmxPath),
    numCpus: vm.numCpus,
    numCoresPerSocket: vm.numCoresPerSocket,
    memory: vm.memory,
    annotation: vm.annotation,
    ...(observed.extraConfig && { extraConfig: present(observed.extraConfig) }),
    powerOn: settings.powerOn === "once" ? "once" : vm.powerState === "poweredOn",
    moid: vm.moid,
    uuid: vm.uuid,
    instanceUuid: vm.instanceUuid,
    vmxPath: vm.vmxPath,
    powerState: vm.powerState,
    macAddresses: [...vm.macAddresses],
    ...defaultIpAddress(vm, settings),
    guestIpAddresses: [...vm.guestIpAddresses],
  };
}

/** The address that the program waits for, else the first that the guest has. */
function defaultIpAddress(vm: ObservedVm, { waitFor }: Properties): Properties {
  const wish = typeof waitFor === "object" && waitFor !== null ? (waitFor as AddressWish) : {};
  const address = addressOf(vm.guestNetwork, vm.devices, wish) ?? vm.defaultIpAddress;
  return address === undefined ? {} : { defaultIpAddress: address };
}

/** A host keeps no advanced setting with an empty text. */
function present(options: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== ""));
}
