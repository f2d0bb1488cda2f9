import type { EsxiHost } from "./esxi-host.ts";
import type { ObservedVm } from "./observed-vm.ts";
import { formatOwnerMark, OWNER_MARK_KEY, type OwnerMark } from "./owner-mark.ts";
import { networkInterfaces } from "./vm-config/network-interfaces.ts";
import { destroyVm, reconfigureVm, renameVm, type VmChange } from "./vm-operations.ts";
import { powerOffVm, powerOnVm, shutDownVm } from "./vm-power.ts";

/** What can be done to a virtual machine that exists, by whichever way the host allows. */
export interface VmControl {
  /** True if a machine that runs cannot be changed at all. */
  readonly changesOnlyWhileOff: boolean;
  reconfigure(vm: ObservedVm, change: VmChange, signal: AbortSignal): Promise<void>;
  rename(vm: ObservedVm, name: string, signal: AbortSignal): Promise<void>;
  /** Says on the machine that all that was to be done for it is done. */
  markCreated(vm: ObservedVm, mark: OwnerMark, signal: AbortSignal): Promise<void>;
  /** @param name What people call the machine now, for messages. */
  powerOn(vm: ObservedVm, name: string, signal: AbortSignal): Promise<void>;
  powerOff(vm: ObservedVm, signal: AbortSignal): Promise<void>;
  /** Asks the guest first, for at most so many seconds. */
  shutDown(vm: ObservedVm, seconds: number, signal: AbortSignal): Promise<void>;
  destroy(vm: ObservedVm, signal: AbortSignal): Promise<void>;
}

/** By the host's API. */
export function apiControl(host: EsxiHost): VmControl {
  return {
    changesOnlyWhileOff: false,
    reconfigure: (vm, { adapters, ...change }, signal) => {
      const deviceChange = adapters && networkInterfaces.spec(vm, adapters).deviceChange;
      return reconfigureVm(host, vm.ref, { ...change, deviceChange }, signal);
    },
    rename: (vm, name, signal) => renameVm(host, vm.ref, name, signal),
    markCreated: (vm, { copies: _copies, flag: _flag, ...mark }, signal) => {
      const extraConfig = { [OWNER_MARK_KEY]: formatOwnerMark({ ...mark, phase: "created" }) };
      return reconfigureVm(host, vm.ref, { extraConfig }, signal);
    },
    powerOn: (vm, name, signal) => powerOnVm(host, { ref: vm.ref, name }, signal),
    powerOff: (vm, signal) => powerOffVm(host, vm.ref, signal),
    shutDown: (vm, seconds, signal) => shutDownVm(host, vm, { seconds, signal }),
    destroy: (vm, signal) => destroyVm(host, vm, signal),
  };
}
