import type { ObservedVm } from "./observed-vm.ts";

/**
 * The setting of a machine that is powered off for a change, and is powered on again afterwards. A run that is killed in
 * between leaves it. So the next run knows that the machine's users have not switched it off.
 */
const POWER_CYCLE_KEY = "pulumi-esxi-direct.power-cycle";
const UNDER_WAY = "TRUE";

/** The setting at the beginning of a power cycle. */
export const POWER_CYCLE = { [POWER_CYCLE_KEY]: UNDER_WAY };

/** Whether a power cycle of the machine was begun and not ended. */
export const isInPowerCycle = ({ extraConfig }: Pick<ObservedVm, "extraConfig">): boolean =>
  extraConfig.get(POWER_CYCLE_KEY) === UNDER_WAY;

/** The setting at the end of a power cycle. Undefined if none is under way. */
export const endedPowerCycle = (vm: Pick<ObservedVm, "extraConfig">): Record<string, string> | undefined =>
  isInPowerCycle(vm) ? { [POWER_CYCLE_KEY]: "" } : undefined;
