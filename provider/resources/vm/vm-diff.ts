import { WISH_KEYS } from "../../host/vm-config/wishes.ts";
import type { DiffResult, Progress, Properties } from "../lifecycle.ts";
import { changedSettings, describeSettings } from "../setting-diff.ts";
import { costOf, onlyForNewVm } from "./change-cost.ts";

/** VM settings beside the configuration that change while the VM runs. */
const IN_PLACE = ["name", "powerOn"];
/** Settings that only this program looks at. */
const OURS = ["allowPowerCycle", "waitFor", "timeouts"];

const RULES = {
  maps: ["extraConfig", "properties", "ovfNetworkMap"],
  emptyIsNone: ["extraConfig"],
  withDefault: ["host", "resourcePool", "deploymentOption"],
  shown: [
    "name",
    "guestId",
    "firmware",
    "bootOrder",
    "cpuShareLevel",
    "memoryShareLevel",
    "toolsUpgradePolicy",
  ],
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
  const replaces = [...changed(options.replacing), ...onlyForNewVm(olds, news)];
  const reconfigured = changed(WISH_KEYS).filter((key) => !replaces.includes(key));
  const cost = costOf(reconfigured, olds, news);
  const inPlace = [...cost.inPlace, ...changed([...IN_PLACE, ...options.inPlace])];
  const ours = changed([...OURS, ...options.ours]);
  const resumes = olds.__phase === "unfinished";
  const told = (keys: readonly string[]) => describeSettings(keys, olds, news, RULES);
  if (replaces.length > 0) {
    options.progress.info(`to replace, its disks included: ${told(replaces)}`);
  } else {
    const off = olds.powerState === "poweredOff";
    const free = off ? [...cost.cycling, ...inPlace] : inPlace;
    if (cost.cycling.length > 0 && !off) {
      const unless = cost.perhapsHot ? ", unless the VM allows hot-add" : "";
      options.progress.info(`to update with one power cycle${unless}: ${told(cost.cycling)}`);
    }
    if (free.length > 0) options.progress.info(`to update in place: ${told(free)}`);
  }
  if (resumes && replaces.length === 0)
    options.progress.info("to go on with what an earlier run did not finish");
  return {
    changes: resumes || replaces.length + cost.cycling.length + inPlace.length + ours.length > 0,
    replaces,
    deleteBeforeReplace: true,
  };
}
