import { isDeepStrictEqual } from "node:util";
import type { HostSetting } from "../../../host/vm/settings/setting.ts";
import { HOST_SETTINGS } from "../../../host/vm/settings/settings.ts";
import type { Properties } from "../../frame/lifecycle.ts";
import { isUnknown } from "../../inputs/check-inputs.ts";
import { entriesOf } from "../settings/entries.ts";
import type { Cost, CostOf, Setting, SettingChange } from "../settings/setting.ts";
import { VM_SETTINGS } from "../settings/settings.ts";

const ON_HOST: Readonly<Record<string, Pick<HostSetting<never>, "off"> | undefined>> = HOST_SETTINGS;
const SETTINGS: Readonly<Record<string, Setting>> = VM_SETTINGS;

/** Every setting that all virtual machines have, and what changing it costs. */
export const VM_COSTS: Readonly<Record<string, CostOf>> = Object.fromEntries(
  Object.entries(SETTINGS).map(([name, { cost }]) => [name, cost ?? costOnHost(name)]),
);

/** What follows from when the host needs the machine off. */
function costOnHost(name: string): CostOf {
  const off = ON_HOST[name]?.off;
  if (off === "never") return "inPlace";
  const hotAdd = hotAddOf(name);
  if (hotAdd === undefined) return "powerCycle";
  return ({ old, wanted, olds }) => (olds[hotAdd] === true && grows(old, wanted) ? "inPlace" : "powerCycle");
}

/** The setting that allows this one to grow while the machine runs. */
function hotAddOf(name: string): string | undefined {
  const off = ON_HOST[name]?.off;
  return typeof off === "object" ? off.hotAdd : undefined;
}

/**
 * What the change of a setting costs.
 * @param further Settings that only this kind of machine has.
 */
export function costOf(
  key: string,
  olds: Properties,
  news: Properties,
  further: Readonly<Record<string, SettingChange>>,
): Cost {
  const cost = further[key]?.cost ?? VM_COSTS[key] ?? "inPlace";
  if (typeof cost === "string") return cost;
  if (isUnknown(news[key])) return "powerCycle";
  return cost({ old: olds[key], wanted: news[key], olds });
}

/**
 * True for a size that grows, or may grow, on a machine for which state does not say whether it may grow while it
 * runs.
 */
export function mayBeHot(key: string, olds: Properties, news: Properties): boolean {
  const hotAdd = hotAddOf(key);
  if (hotAdd === undefined || olds[hotAdd] !== undefined) return false;
  return isUnknown(news[key]) || grows(olds[key], news[key]);
}

const grows = (old: unknown, wanted: unknown): boolean =>
  typeof old === "number" && typeof wanted === "number" && wanted > old;

/** True for lists of the same disks of which some are to be larger, and nothing else of them is to be different. */
export function growsOnly(old: unknown, wanted: unknown): boolean {
  const [before, after] = [entriesOf(old), entriesOf(wanted)];
  if (isUnknown(wanted) || before.length !== after.length) return false;
  return after.every((disk) => {
    const was = before.find(({ label }) => label === disk.label);
    if (was === undefined || !(was.size === disk.size || grows(was.size, disk.size))) return false;
    return Object.entries(disk).every(([key, value]) => key === "size" || isDeepStrictEqual(value, was[key]));
  });
}
