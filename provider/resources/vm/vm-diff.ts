import { withIgnored } from "../ignore-changes.ts";
import type { DiffResult, Progress, Properties } from "../lifecycle.ts";
import { replacedByOption } from "../replace-on-changes.ts";
import { changedSettings, describeSettings } from "../setting-diff.ts";
import { type Cost, costOf, mayBeHot, VM_COSTS } from "./costs.ts";
import { goingDisks } from "./settings/going-disks.ts";

const RULES = {
  maps: ["extraConfig", "guestInfo", "properties", "ovfNetworkMap"],
  emptyIsNone: ["extraConfig"],
  withDefault: [
    "host",
    "resourcePool",
    "deploymentOption",
    "ovfTransport",
    "cloudInit",
    "ignition",
    "sshAuthorizedKeys",
    "timeouts",
  ],
  structured: ["networkInterfaces", "disks", "cdroms", "floppy", "serialPorts", "autoStart", "waitFor"],
  shown: [
    "name",
    "ovfTransport",
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
 *
 * @param further What changing the settings costs that only this kind of machine has.
 */
export function diffVm(
  olds: Properties,
  inputs: Properties,
  progress: Progress,
  further: Readonly<Record<string, Cost>> = {},
): DiffResult {
  const news = withIgnored(inputs, inputs, olds);
  const changed = changedSettings([...Object.keys(VM_COSTS), ...Object.keys(further)], olds, news, RULES);
  const costing = (cost: Cost) => changed.filter((key) => costOf(key, olds, news, further) === cost);
  const byOption = replacedByOption(changed, olds, news, costing("ours"));
  const replaces = [...new Set([...costing("replace"), ...byOption])];
  const [cycling, inPlace] = [costing("powerCycle"), costing("inPlace")];
  const resumes = olds.__phase === "unfinished";
  const told = (keys: readonly string[]) => describeSettings(keys, olds, news, RULES);
  if (replaces.length > 0) {
    progress.info(`to replace, its disks included: ${told(replaces)}`);
  } else {
    for (const line of goingDisks(olds, news)) progress.info(line);
    const off = olds.powerState === "poweredOff";
    const free = off ? [...cycling, ...inPlace] : inPlace;
    if (cycling.length > 0 && !off) {
      const maybe = cycling.every((key) => mayBeHot(key, olds, news)) ? ", unless the VM allows hot-add" : "";
      progress.info(`to update with one power cycle${maybe}: ${told(cycling)}`);
    }
    if (free.length > 0) progress.info(`to update in place: ${told(free)}`);
  }
  if (resumes && replaces.length === 0) progress.info("to go on with what an earlier run did not finish");
  return { changes: resumes || changed.length > 0, replaces, deleteBeforeReplace: true };
}
