import type { Context, DiffResult, Properties } from "../../frame/lifecycle.ts";
import { withIgnored } from "../../frame/pulumi-options/ignore-changes.ts";
import { replacedByOption } from "../../frame/pulumi-options/replace-on-changes.ts";
import { toldDiff } from "../../frame/told-diff.ts";
import { changedSettings, describeSettings } from "../../inputs/setting-diff.ts";
import { describeMove, isPlace, refuseMoveOverSsh, refuseReplacement } from "../place/change-of-place.ts";
import { goingDisks } from "../settings/going-disks.ts";
import { type Cost, rulesOf, type SettingChange } from "../settings/setting.ts";
import { VM_SETTINGS } from "../settings/settings.ts";
import { whenGuestSees } from "../settings/when-guest-sees.ts";
import { costOf, growsOnly, mayBeHot } from "./costs.ts";

export interface DiffContext {
  readonly progress: Context["progress"];
  readonly isRefresh?: boolean;
  readonly isGone?: Context["isGone"] | undefined;
  /** Whether the change goes over SSH, which takes it only while the machine is off. */
  readonly isBySsh?: boolean;
  /** Whether disks on SCSI may grow over SSH while the machine runs. */
  readonly growsHot?: boolean;
}

const UNLESS_IT_GROWS = ", unless the disks that grow are on SCSI and have no snapshots (esxi:sshHotChanges)";

/** Settings that change in place over SSH too, because they are not in the machine's .vmx file. */
const NOT_IN_FILE: readonly string[] = ["powerOn", "autoStart"];

/**
 * Compares what state says the host has with what the program asks for. A setting that is not asked for is left to
 * the host. Says in the resource's row what the change will cost, and in a refresh what was changed on the host.
 * A replacement that nobody expects is an error, see {@link refuseReplacement}.
 *
 * @param further What changing the settings costs that only this kind of machine has.
 */
export function diffVm(
  olds: Properties,
  inputs: Properties,
  context: DiffContext,
  further: Readonly<Record<string, SettingChange>> = {},
): DiffResult {
  const { progress, isGone, isBySsh = false, growsHot = false } = context;
  const news = withIgnored(inputs, inputs, olds);
  const all: Readonly<Record<string, SettingChange>> = { ...VM_SETTINGS, ...further };
  const rules = rulesOf(all);
  const changed = changedSettings(Object.keys(all), olds, news, rules);
  const costNow = (key: string): Cost => {
    const cost = costOf(key, olds, news, further);
    return isBySsh && cost === "inPlace" && !NOT_IN_FILE.includes(key) ? "powerCycle" : cost;
  };
  const costing = (cost: Cost) => changed.filter((key) => costNow(key) === cost);
  const byOption = replacedByOption(changed, olds, news, costing("ours"));
  // Some of its disks are gone, and nothing brings them back.
  const isHalfDeleted = olds.__phase === "deleting";
  const replaces = [...new Set([...costing("replace"), ...byOption, ...(isHalfDeleted ? ["name"] : [])])];
  const found = { olds, news, rules, changed, replaces };
  if (isHalfDeleted && context.isRefresh !== true) {
    progress.info("make anew: its deletion was begun, and disks of it are gone");
    return { changes: true, replaces, deleteBeforeReplace: true };
  }
  return toldDiff(found, context, () => {
    // On a host that is lost, there is nothing left that a replacement could destroy.
    const isLost = isGone?.(typeof olds.host === "string" ? olds.host : undefined) === true;
    if (byOption.length === 0 && !isLost) refuseReplacement(replaces, changed, olds, news);
    const [cycling, inPlace] = [costing("powerCycle"), costing("inPlace")];
    const told = (keys: readonly string[]) => describeSettings(keys, olds, news, rules);
    if (replaces.length > 0) {
      const what = isLost ? "make anew, because its host is lost for good" : "replace, its disks included";
      progress.info(`${what}: ${told(replaces)}`);
    } else {
      if (isBySsh) refuseMoveOverSsh(cycling, olds, news);
      for (const line of goingDisks(olds, news)) progress.info(line);
      const mayGrow = isBySsh && growsHot && cycling.join() === "disks" && growsOnly(olds.disks, news.disks);
      const off = olds.powerState === "poweredOff";
      const move = describeMove(cycling, olds, news);
      if (move !== undefined) progress.info(`${move} (${off ? "powered off" : "one power cycle"})`);
      const others = move === undefined ? cycling : cycling.filter((key) => !isPlace(key));
      const free = off ? [...others, ...inPlace] : inPlace;
      if (others.length > 0 && !off) {
        const mayAdd = !isBySsh && others.every((key) => mayBeHot(key, olds, news));
        const maybe = mayAdd ? ", unless the VM allows hot-add" : mayGrow ? UNLESS_IT_GROWS : "";
        const which = move === undefined ? `one power cycle${maybe}` : "the same power cycle";
        progress.info(`update with ${which}${isBySsh ? ", as it goes over SSH" : ""}: ${told(others)}`);
      }
      if (free.length > 0) progress.info(`update in place: ${told(free)}`);
      for (const line of whenGuestSees(olds, news)) progress.info(line);
      if (cycling.length > 0 && !mayGrow && !off && news.allowPowerCycle === false) {
        progress.warn(
          `allowPowerCycle is false, so \`pulumi up\` cannot change ${cycling.join(", ")} while the machine runs`,
        );
      }
    }
  });
}
