import type { HostFacts } from "../../host/host-facts.ts";
import type { ObservedVm } from "../../host/observed-vm.ts";
import { networkInterfaces } from "../../host/vm-config/network-interfaces.ts";
import type { Properties } from "../lifecycle.ts";
import type { SyncedSettings } from "./vm-sync.ts";

/** Version of the outputs' structure; a newer release must understand all older ones. */
const STATE_VERSION = 1;

/**
 * Whether everything that was asked for has been done. Kept in state, because a refresh makes Pulumi forget that a
 * create or update failed half-way: the next diff then asks for an update.
 */
export type Phase = "done" | "unfinished";

/** Outputs that say what the host has, by name, for a resource whose settings are these. */
export function vmOutputs(
  vm: ObservedVm,
  facts: HostFacts,
  settings: Partial<SyncedSettings>,
  phase: Phase,
): Properties {
  return {
    // Pulumi cannot store undefined.
    ...Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)),
    name: vm.name,
    datastore: settings.datastore ?? /^\[(.*?)\]/.exec(vm.vmxPath)?.[1] ?? "",
    numCpus: vm.numCpus,
    numCoresPerSocket: vm.numCoresPerSocket,
    memory: vm.memory,
    annotation: vm.annotation,
    ...(settings.extraConfig && { extraConfig: present(vm, Object.keys(settings.extraConfig)) }),
    ...(settings.networkInterfaces && {
      networkInterfaces: networkInterfaces.observe(vm, settings.networkInterfaces),
    }),
    powerOn: vm.powerState === "poweredOn",
    moid: vm.moid,
    uuid: vm.uuid,
    instanceUuid: vm.instanceUuid,
    vmxPath: vm.vmxPath,
    powerState: vm.powerState,
    macAddresses: [...vm.macAddresses],
    ...(vm.defaultIpAddress !== undefined && { defaultIpAddress: vm.defaultIpAddress }),
    guestIpAddresses: [...vm.guestIpAddresses],
    hostUuid: facts.hostUuid,
    __phase: phase,
    __state: STATE_VERSION,
  };
}

function present(vm: ObservedVm, keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = vm.extraConfig.get(key);
      return value === undefined ? [] : [[key, value]];
    }),
  );
}
