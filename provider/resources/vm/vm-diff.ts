import { isDeepStrictEqual } from "node:util";
import { isUnknown } from "../check-inputs.ts";
import type { DiffResult, Progress, Properties } from "../lifecycle.ts";

/** VM settings whose change needs the VM to be off, unless the host can add hot. */
const POWER_CYCLE = ["numCpus", "numCoresPerSocket", "memory"];
/** VM settings that change while the VM runs. */
const IN_PLACE = ["name", "annotation", "extraConfig", "powerOn"];
/** Settings that only this program looks at. */
const OURS = ["allowPowerCycle", "waitFor", "timeouts"];

/**
 * Compares what state says the host has with what the program asks for. A setting that is not asked for is left to
 * the host. Says in the resource's row what the change will cost.
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
    options.progress.info(`replaces the VM, its disks included: ${told(replaces)}`);
  } else {
    const off = olds.powerState === "poweredOff";
    const free = off ? [...cycling, ...inPlace] : inPlace;
    if (cycling.length > 0 && !off) {
      options.progress.info(`one power cycle, unless the VM allows hot-add: ${told(cycling)}`);
    }
    if (free.length > 0) options.progress.info(`in place: ${told(free)}`);
  }
  if (resumes && replaces.length === 0)
    options.progress.info("goes on with what an earlier run did not finish");
  return {
    changes: resumes || replaces.length + cycling.length + inPlace.length + ours.length > 0,
    replaces,
    deleteBeforeReplace: true,
  };
}

function differs(old: unknown, wanted: unknown, key: string): boolean {
  if (wanted === undefined) return key === "extraConfig" && Object.keys(old ?? {}).length > 0;
  if (isUnknown(wanted)) return true;
  return !isDeepStrictEqual(old, wanted);
}

/** Plain settings with their values; of the others, which may hold secrets, the keys that change. */
function describe(key: string, old: unknown, wanted: unknown): string {
  if (isUnknown(wanted)) return key;
  if (["number", "boolean"].includes(typeof wanted) || key === "name")
    return `${key} ${String(old)} → ${String(wanted)}`;
  if (typeof wanted !== "object" || wanted === null) return key;
  const before = (old ?? {}) as Properties;
  const after = wanted as Properties;
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return `${key} (${keys.filter((name) => !isDeepStrictEqual(before[name], after[name])).join(", ")})`;
}
