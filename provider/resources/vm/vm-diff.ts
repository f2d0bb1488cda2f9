import { isDeepStrictEqual } from "node:util";
import { isUnknown } from "../check-inputs.ts";
import type { DiffResult, Progress, Properties } from "../lifecycle.ts";

/** VM settings whose change needs the VM to be off, unless the host can add hot. */
const POWER_CYCLE = ["numCpus", "numCoresPerSocket", "memory"];
/** VM settings that change while the VM runs. */
const IN_PLACE = ["name", "annotation", "extraConfig", "networkInterfaces", "powerOn"];
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
  const replaces = changed(options.replacing);
  const cycling = changed(POWER_CYCLE);
  const inPlace = changed([...IN_PLACE, ...options.inPlace]);
  const ours = changed([...OURS, ...options.ours]);
  const resumes = olds.__phase === "unfinished";
  const told = (keys: readonly string[]) => keys.map((key) => describe(key, olds[key], news[key])).join(", ");
  if (replaces.length > 0) {
    options.progress.info(`to replace, its disks included: ${told(replaces)}`);
  } else {
    const off = olds.powerState === "poweredOff";
    const free = off ? [...cycling, ...inPlace] : inPlace;
    if (cycling.length > 0 && !off) {
      options.progress.info(`to update with one power cycle, unless the VM allows hot-add: ${told(cycling)}`);
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
