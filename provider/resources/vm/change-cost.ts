import type { ObservedVm } from "../../host/observed-vm.ts";
import { BLANK_VM } from "../../host/vm-config/blank-vm.ts";
import { isDeviceWish, wishNeedsOff } from "../../host/vm-config/wishes.ts";
import { isUnknown } from "../check-inputs.ts";
import type { Properties } from "../lifecycle.ts";

/** What it costs to change settings of a machine's configuration. */
interface Cost {
  /** Settings whose change needs the machine to be off. */
  readonly cycling: readonly string[];
  /** Settings that change while it runs. */
  readonly inPlace: readonly string[];
  /** True if those that need it off would not on a machine that allows hot-add, and state does not say whether it does. */
  readonly perhapsHot: boolean;
}

/** What the change of these settings costs, as far as state knows the machine. */
export function costOf(keys: readonly string[], olds: Properties, news: Properties): Cost {
  const known = knownOf(olds);
  const hot = { ...known, cpuHotAddEnabled: true, memoryHotAddEnabled: true };
  const needsOff = (vm: ObservedVm) => (key: string) => {
    // Of devices that are not known yet nothing can be said; a size may grow, or not.
    if (isUnknown(news[key]) && isDeviceWish(key)) return false;
    if (isUnknown(news[key]) && vm === hot && HOT_ADD[key] !== undefined) return false;
    return wishNeedsOff(vm, key, news[key]);
  };
  const cycling = keys.filter(needsOff(known));
  return {
    cycling,
    inPlace: keys.filter((key) => !cycling.includes(key)),
    perhapsHot:
      !cycling.some((key) => HOT_ADD[key] === undefined || olds[HOT_ADD[key]] !== undefined) &&
      !cycling.some(needsOff(hot)),
  };
}

/** Settings that only a new machine can have as they are asked for: virtual hardware never becomes older. */
export function onlyForNewVm(olds: Properties, news: Properties): string[] {
  const [old, wanted] = [olds.hardwareVersion, news.hardwareVersion];
  return typeof old === "number" && typeof wanted === "number" && wanted < old ? ["hardwareVersion"] : [];
}

/** What allows a setting to grow while the machine runs. */
const HOT_ADD: Readonly<Record<string, string>> = {
  numCpus: "cpuHotAddEnabled",
  memory: "memoryHotAddEnabled",
};

function knownOf(olds: Properties): ObservedVm {
  const { numCpus, memory } = olds;
  return {
    ...BLANK_VM,
    ...(typeof numCpus === "number" && { numCpus }),
    ...(typeof memory === "number" && { memory }),
    cpuHotAddEnabled: olds.cpuHotAddEnabled === true,
    memoryHotAddEnabled: olds.memoryHotAddEnabled === true,
  };
}
