import { isDeepStrictEqual } from "node:util";
import type { ObservedVm } from "../../host/observed-vm.ts";
import { BLANK_VM } from "../../host/vm-config/blank-vm.ts";
import { WISH_KEYS, wishNeedsOff } from "../../host/vm-config/wishes.ts";
import { isUnknown } from "../check-inputs.ts";
import type { DiffResult, Progress, Properties } from "../lifecycle.ts";

/** VM settings beside the configuration that change while the VM runs. */
const IN_PLACE = ["name", "powerOn"];
/** Settings that only this program looks at. */
const OURS = ["allowPowerCycle", "waitFor", "timeouts"];

/**
 * Compares what state says the host has with what the program asks for. A setting that is not asked for is left to
 * the host. Says in the resource's row what the change will cost; also in a refresh, where it is what the next `up` will do.
 */
export function diffVm(
  olds: Properties,
  news: Properties,
  options: {
    readonly replacing: readonly string[];
    readonly inPlace: readonly string[];
    readonly ours: readonly string[];
    readonly progress: Progress;
  },
): DiffResult {
  const changed = (keys: readonly string[]) => keys.filter((key) => differs(olds[key], news[key], key));
  const replaces = [...changed(options.replacing), ...outgrown(olds, news)];
  const reconfigured = changed(WISH_KEYS).filter((key) => !replaces.includes(key));
  const known = knownOf(olds);
  const cycling = reconfigured.filter((key) => wishNeedsOff(known, key, news[key]));
  const inPlace = [
    ...reconfigured.filter((key) => !cycling.includes(key)),
    ...changed([...IN_PLACE, ...options.inPlace]),
  ];
  const ours = changed([...OURS, ...options.ours]);
  const resumes = olds.__phase === "unfinished";
  const told = (keys: readonly string[]) => keys.map((key) => describe(key, olds[key], news[key])).join(", ");
  if (replaces.length > 0) {
    options.progress.info(`to replace, its disks included: ${told(replaces)}`);
  } else {
    const off = olds.powerState === "poweredOff";
    const free = off ? [...cycling, ...inPlace] : inPlace;
    if (cycling.length > 0 && !off) {
      const unless = mayBeHot(cycling, olds, news) ? ", unless the VM allows hot-add" : "";
      options.progress.info(`to update with one power cycle${unless}: ${told(cycling)}`);
    }
    if (free.length > 0) options.progress.info(`to update in place: ${told(free)}`);
  }
  if (resumes && replaces.length === 0)
    options.progress.info("to go on with what an earlier run did not finish");
  return {
    changes: resumes || replaces.length + cycling.length + inPlace.length + ours.length > 0,
    replaces,
    deleteBeforeReplace: true,
  };
}

/** What state knows of the machine that decides whether it must be off for a change. */
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

/** True if all of it can be done hot on a machine that allows it, and state does not know whether this one does. */
function mayBeHot(cycling: readonly string[], olds: Properties, news: Properties): boolean {
  const known = { ...knownOf(olds), cpuHotAddEnabled: true, memoryHotAddEnabled: true };
  const unsaid = olds.cpuHotAddEnabled === undefined || olds.memoryHotAddEnabled === undefined;
  return unsaid && cycling.every((key) => !wishNeedsOff(known, key, news[key]));
}

/** The virtual hardware of a machine that exists can only become newer. */
function outgrown(olds: Properties, news: Properties): string[] {
  const [old, wanted] = [olds.hardwareVersion, news.hardwareVersion];
  return typeof old === "number" && typeof wanted === "number" && wanted < old ? ["hardwareVersion"] : [];
}

/** Maps of texts; one that is taken out of the program counts as empty. */
const MAPS: readonly string[] = ["extraConfig", "properties", "ovfNetworkMap"];
/** Settings of which the program may take out a value, which then is the host's or the OVF's default again. */
const WITH_DEFAULT: readonly string[] = ["host", "resourcePool", "deploymentOption"];

function differs(old: unknown, wanted: unknown, key: string): boolean {
  if (isUnknown(wanted)) return true;
  if (MAPS.includes(key)) return changedKeys(old, wanted, key).length > 0;
  if (wanted === undefined) return WITH_DEFAULT.includes(key) && old !== undefined;
  return !isDeepStrictEqual(old, wanted);
}

/** Plain settings with their values; of the others, which may hold secrets, the keys that change. */
function describe(key: string, old: unknown, wanted: unknown): string {
  if (isUnknown(wanted)) return key;
  if (MAPS.includes(key)) return `${key} (${changedKeys(old, wanted, key).join(", ")})`;
  const isPlain = typeof wanted === "number" || typeof wanted === "boolean" || key === "name";
  return isPlain ? `${key} ${String(old)} → ${String(wanted)}` : key;
}

/** Keys of a map of texts that are added, removed or get another value. */
function changedKeys(old: unknown, wanted: unknown, key: string): string[] {
  const [before, after] = [textsOf(old, key), textsOf(wanted, key)];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].filter((name) => before[name] !== after[name]);
}

/** What of a map counts: a host keeps no advanced setting with an empty text. */
function textsOf(value: unknown, key: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null) return {};
  const entries = Object.entries(value);
  return Object.fromEntries(key === "extraConfig" ? entries.filter(([, text]) => text !== "") : entries);
}
