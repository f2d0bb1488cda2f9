import type { EsxiHost } from "../esxi-host.ts";
import { moveToPool } from "../pool/vm-pool.ts";
import { type AutoStartWish, setAutoStart } from "./auto-start.ts";
import type { ObservedVm } from "./reading/observed-vm.ts";
import { formatOwnerMark, OWNER_MARK_KEY, type OwnerMark } from "./reading/owner-mark.ts";
import { labelsToSettle } from "./settings/disk-labels.ts";
import type { VmWishes } from "./settings/settings.ts";
import { pendingWishes, specOf } from "./settings/wishes.ts";
import { destroyVm, reconfigureVm, renameVm } from "./vm-operations.ts";
import { powerOffVm, powerOnVm, shutDownVm } from "./vm-power.ts";

export interface MoveToPoolOptions {
  readonly signal: AbortSignal;
  readonly onWarning: (text: string) => void;
  /** Powers the machine off, where it has to be for that. Throws if it must not. */
  readonly powerOff: () => Promise<void>;
}

/** What can be done to a virtual machine that exists, by whichever way the host allows. */
export interface VmControl {
  /** True if a machine that runs cannot be changed at all. */
  readonly changesOnlyWhileOff: boolean;
  /** Throws for what cannot be changed in this way, before anything is done. */
  refuse?(vm: ObservedVm, wishes: VmWishes): void;
  /** Whether a change that was interrupted has left something, which the next one clears up, whatever it is to change. */
  isUnsettled?(vm: ObservedVm): boolean;
  /** Makes the machine what is wished for; called with nothing that it is already. */
  reconfigure(vm: ObservedVm, wishes: VmWishes, signal: AbortSignal): Promise<void>;
  rename(vm: ObservedVm, name: string, signal: AbortSignal): Promise<void>;
  /**
   * Puts the machine into the resource pool of that name, or into the host's root pool.
   * @returns The machine as it is then; undefined if it was there already.
   */
  moveToPool(
    vm: ObservedVm,
    pool: string | undefined,
    options: MoveToPoolOptions,
  ): Promise<ObservedVm | undefined>;
  /** Says on the machine that all that was to be done for it is done. The machine as it is now. */
  markCreated(vm: ObservedVm, mark: OwnerMark, signal: AbortSignal): Promise<void>;
  /** @param name What people call the machine now, for messages. */
  powerOn(vm: ObservedVm, name: string, signal: AbortSignal): Promise<void>;
  powerOff(vm: ObservedVm, signal: AbortSignal): Promise<void>;
  /** Asks the guest first, for at most so many seconds. */
  shutDown(vm: ObservedVm, seconds: number, signal: AbortSignal): Promise<void>;
  /** Puts the machine into its host's list of those that start with it, or takes it out. */
  setAutoStart(vm: ObservedVm, wish: AutoStartWish): Promise<void>;
  /** @param seenAt When the caller began to look at all machines. Default: they are looked at. */
  destroy(vm: ObservedVm, signal: AbortSignal, seenAt?: number): Promise<void>;
}

/** By the host's API. */
export function apiControl(host: EsxiHost): VmControl {
  return {
    changesOnlyWhileOff: false,
    reconfigure: (vm, wishes, signal) =>
      reconfigureVm(host, vm, (now) => specOf(now, pendingWishes(now, wishes)), signal),
    rename: (vm, name, signal) => renameVm(host, vm.ref, name, signal),
    moveToPool: async (vm, pool, { signal }) => ((await moveToPool(host, vm, pool, signal)) ? vm : undefined),
    markCreated: (vm, { copies: _copies, flag: _flag, ...mark }, signal) => {
      const created = { [OWNER_MARK_KEY]: formatOwnerMark({ ...mark, phase: "created" }) };
      const extraConfig = { ...labelsToSettle(vm), ...created };
      return reconfigureVm(host, vm, (now) => specOf(now, { extraConfig }), signal);
    },
    powerOn: (vm, name, signal) => powerOnVm(host, { ref: vm.ref, name }, signal),
    powerOff: (vm, signal) => powerOffVm(host, vm.ref, signal),
    shutDown: (vm, seconds, signal) => shutDownVm(host, vm, { seconds, signal }),
    setAutoStart: (vm, wish) => setAutoStart(host, vm.ref, wish),
    destroy: (vm, signal, seenAt) => destroyVm(host, vm, signal, seenAt),
  };
}
