import { datastoreOf } from "../../../host/datastore/datastore-path.ts";
import type { HostFacts } from "../../../host/host-facts.ts";
import { type AddressWish, addressOf } from "../../../host/vm/reading/guest-addresses.ts";
import type { ObservedVm } from "../../../host/vm/reading/observed-vm.ts";
import { observeWishes, wishesAmong } from "../../../host/vm/settings/wishes.ts";
import type { Properties } from "../../frame/lifecycle.ts";

/** Version of the outputs' structure. A newer release must understand all older ones. */
const STATE_VERSION = 1;

/**
 * Whether everything that was asked for has been done. State has it because a refresh makes Pulumi forget that a
 * create or update failed half-way. The next diff then asks for an update. `deleting`: a killed run had begun to
 * delete the machine, and some of its disks are gone.
 */
export type Phase = "done" | "unfinished" | "deleting";

/**
 * Outputs that say what the host has, by name, for a resource with these settings. Values that the program asked for are
 * written as the program writes them, so that no difference shows where there is none.
 */
export function vmOutputs(vm: ObservedVm, facts: HostFacts, settings: Properties, phase: Phase): Properties {
  const observed = observeWishes(vm, wishesAmong(settings));
  return {
    // Pulumi cannot store undefined.
    ...Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)),
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
    hostUuid: facts.hostUuid,
    __phase: phase,
    __state: STATE_VERSION,
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
