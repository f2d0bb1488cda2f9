import type { DiffResult, Progress, Properties } from "../lifecycle.ts";
import { changedSettings, describeSettings } from "../setting-diff.ts";

/** VM settings whose change needs the VM to be off, unless the host can add hot. */
const POWER_CYCLE = ["numCpus", "numCoresPerSocket", "memory"];
/** VM settings that change while the VM runs. */
const IN_PLACE = ["name", "annotation", "extraConfig", "networkInterfaces", "powerOn"];
/** Settings that only this program looks at. */
const OURS = ["allowPowerCycle", "waitFor", "timeouts"];

const RULES = {
  maps: ["extraConfig", "properties", "ovfNetworkMap"],
  emptyIsNone: ["extraConfig"],
  withDefault: ["host", "resourcePool", "deploymentOption"],
  shown: ["name"],
};

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
  const changed = (keys: readonly string[]) => changedSettings(keys, olds, news, RULES);
  const replaces = changed(options.replacing);
  const cycling = changed(POWER_CYCLE);
  const inPlace = changed([...IN_PLACE, ...options.inPlace]);
  const ours = changed([...OURS, ...options.ours]);
  const resumes = olds.__phase === "unfinished";
  const told = (keys: readonly string[]) => describeSettings(keys, olds, news, RULES);
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
