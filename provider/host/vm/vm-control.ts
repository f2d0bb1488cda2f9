import type { EsxiHost } from "../esxi-host.ts";
import { moveToPool } from "../pool/vm-pool.ts";
import { type AutoStartWish, setAutoStart } from "./auto-start.ts";
import type { ObservedVm } from "./reading/observed-vm.ts";
import { formatOwnerMark, OWNER_MARK_KEY, type OwnerMark } from "./reading/owner-mark.ts";
import { labelsToSettle } from "./settings/disk-labels.ts";
import type { VmWishes } from "./settings/settings.ts";
import { pendingWishes, specOf } from "./settings/wishes.ts";
import { type DestroyOptions, destroyVm, reconfigureVm, renameVm } from "./vm-operations.ts";
import { powerOffVm, powerOnVm, shutDownVm } from "./vm-power.ts";

export interface MoveToPoolOptions {
  readonly signal: AbortSignal;
  readonly onWarning: (text: string) => void;
  /** Powers the machine off, if the change needs that. Throws if the machine must not be powered off. */
  readonly powerOff: () => Promise<void>;
}

/** The changes of a virtual machine that exists, in the way that the host allows. */
export interface VmControl {
  /** True if a machine that runs cannot be changed, but for what `whileOn` has a way. */
  readonly changesOnlyWhileOff: boolean;
  /** Throws if a setting cannot be changed in this way, before anything is done. */
  refuse?(vm: ObservedVm, wishes: VmWishes): void;
  /** Whether an interrupted change has left something. Then the next change removes it, whatever else it changes. */
  isUnsettled?(vm: ObservedVm): boolean;
  /** How a running machine gets the desired settings in spite of that. Undefined if it cannot. */
  whileOn?(vm: ObservedVm, wishes: VmWishes): ((signal: AbortSignal) => Promise<void>) | undefined;
  /** Changes the machine to the desired settings. Called only with settings that differ. */
  reconfigure(vm: ObservedVm, wishes: VmWishes, signal: AbortSignal): Promise<void>;
  rename(vm: ObservedVm, name: string, signal: AbortSignal): Promise<void>;
  /**
   * Moves the machine into the resource pool of that name, or into the host's root pool.
   * @returns The machine as it is then. Undefined if it was in that pool already.
   */
  moveToPool(
    vm: ObservedVm,
    pool: string | undefined,
    options: MoveToPoolOptions,
  ): Promise<ObservedVm | undefined>;
  /** Writes on the machine that its create is complete. Returns the machine as it is now. */
  markCreated(vm: ObservedVm, mark: OwnerMark, signal: AbortSignal): Promise<void>;
  /**
   * @param name The name that people see now, for messages.
   */
  powerOn(vm: ObservedVm, name: string, signal: AbortSignal): Promise<void>;
  powerOff(vm: ObservedVm, signal: AbortSignal): Promise<void>;
  /** Asks the guest to shut down, and waits at most so many seconds before the machine is powered off. */
  shutDown(vm: ObservedVm, seconds: number, signal: AbortSignal): Promise<void>;
  /** Puts the machine into its host's list of machines that start with it, or takes it out. */
  setAutoStart(vm: ObservedVm, wish: AutoStartWish): Promise<void>;
  destroy(vm: ObservedVm, signal: AbortSignal, options?: DestroyOptions): Promise<void>;
}

/** Changes machines by the host's API. */
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
    setAutoStart: (vm, wish) => setAutoStart(host, vm.ref, wish, "api"),
    destroy: (vm, signal, options) => destroyVm(host, vm, signal, options),
  };
}
