import { isDeepStrictEqual } from "node:util";
import type { Properties } from "../../frame/lifecycle.ts";
import { isUnknown } from "../../inputs/check-inputs.ts";

/** What changing a setting costs a machine that runs. */
export type Cost = "inPlace" | "powerCycle" | "replace" | "ours";

interface Change {
  readonly old: unknown;
  readonly wanted: unknown;
  /** What state says of the whole machine. */
  readonly olds: Properties;
}

/** A cost that may depend on the change. */
export type CostOf = Cost | ((change: Change) => Cost);

/** What allows a size to grow while the machine runs. */
const HOT_ADD = { numCpus: "cpuHotAddEnabled", memory: "memoryHotAddEnabled" } as const;

/** More of it is added while the machine runs where that is switched on. */
const hotAdd =
  (key: keyof typeof HOT_ADD): CostOf =>
  ({ old, wanted, olds }) =>
    olds[HOT_ADD[key]] === true && typeof old === "number" && typeof wanted === "number" && wanted > old
      ? "inPlace"
      : "powerCycle";

/** The virtual hardware of a machine that exists can only become newer. */
const newerOnly: CostOf = ({ old, wanted }) =>
  typeof old === "number" && typeof wanted === "number" && wanted < old ? "replace" : "powerCycle";

/** In place, unless one of these properties of an item changes, or, if so said, the number of items. */
const items =
  (fixed: readonly string[], options: { readonly countIsFixed: boolean }) =>
  ({ old, wanted }: Change): Cost => {
    const [before, after] = [listOf(old), listOf(wanted)];
    if (options.countIsFixed && before.length !== after.length) return "powerCycle";
    const same = after.every((item, index) => {
      const was =
        before.find((each) => item.label !== undefined && each.label === item.label) ?? before[index];
      return fixed.every(
        (key) => was === undefined || item[key] === undefined || isDeepStrictEqual(was[key], item[key]),
      );
    });
    return same ? "inPlace" : "powerCycle";
  };

/** Controllers whose drives come, grow and go only while the machine is off. */
const COLD: readonly unknown[] = ["ide", "buslogic"];
/** Controllers that are themselves plugged in only while the machine is off. */
const COLD_IF_NEW: readonly unknown[] = ["sata", "nvme"];

/** Disks come, grow and go in place, where their controllers allow it; none moves or changes its mode. */
function ofDisks({ old, wanted }: Change): Cost {
  const [before, after] = [listOf(old), listOf(wanted)];
  const changed = [...before, ...after].filter((disk) => {
    const is = (other: Properties) => isDeepStrictEqual(other, disk);
    return !(before.some(is) && after.some(is));
  });
  const added = after.filter((disk) => !before.some(({ label }) => label === disk.label));
  const isCold =
    changed.some(({ controller }) => COLD.includes(controller)) ||
    added.some(
      ({ controller }) =>
        COLD_IF_NEW.includes(controller) && !before.some((disk) => disk.controller === controller),
    );
  if (isCold) return "powerCycle";
  const fixed = items(["controller", "busNumber", "unitNumber", "mode"], { countIsFixed: false });
  return fixed({ old: before, wanted: withoutNew(before, after), olds: {} });
}

const withoutNew = (before: readonly Properties[], after: readonly Properties[]) =>
  after.filter(({ label }) => before.some((disk) => disk.label === label));

const isDrive = (value: unknown) => typeof value === "object" && value !== null;

/** Every setting that all virtual machines have, and what changing it costs. */
export const VM_COSTS: Readonly<Record<string, CostOf>> = {
  host: "replace",
  datastore: "powerCycle",
  resourcePool: "inPlace",
  numCpus: hotAdd("numCpus"),
  numCoresPerSocket: "powerCycle",
  memory: hotAdd("memory"),
  cpuHotAddEnabled: "powerCycle",
  cpuHotRemoveEnabled: "powerCycle",
  memoryHotAddEnabled: "powerCycle",
  nestedHvEnabled: "powerCycle",
  cpuLimit: "inPlace",
  cpuReservation: "inPlace",
  cpuShareLevel: "inPlace",
  cpuShareCount: "inPlace",
  memoryLimit: "inPlace",
  memoryReservation: "inPlace",
  memoryShareLevel: "inPlace",
  memoryShareCount: "inPlace",
  guestId: "powerCycle",
  hardwareVersion: newerOnly,
  firmware: "powerCycle",
  efiSecureBootEnabled: "powerCycle",
  bootDelay: "inPlace",
  bootRetryEnabled: "inPlace",
  bootRetryDelay: "inPlace",
  bootOrder: "inPlace",
  vvtdEnabled: "powerCycle",
  vbsEnabled: "powerCycle",
  videoMemory: "powerCycle",
  enableDiskUuid: "powerCycle",
  enableLogging: "powerCycle",
  syncTimeWithHost: "inPlace",
  toolsUpgradePolicy: "inPlace",
  name: "inPlace",
  annotation: "inPlace",
  extraConfig: "inPlace",
  guest: "inPlace",
  guestInfo: "inPlace",
  cloudInit: "inPlace",
  ignition: "inPlace",
  sshAuthorizedKeys: "inPlace",
  autoStart: "inPlace",
  powerOn: ({ wanted }) => (wanted === "once" ? "ours" : "inPlace"),
  disks: ofDisks,
  cdroms: items(["controller"], { countIsFixed: true }),
  floppy: ({ old, wanted }) => (isDrive(old) && isDrive(wanted) ? "inPlace" : "powerCycle"),
  networkInterfaces: items(["macAddress"], { countIsFixed: false }),
  serialPorts: "powerCycle",
  adopt: "ours",
  allowPowerCycle: "ours",
  allowReplace: "ours",
  waitFor: "ours",
  timeouts: "ours",
};

/** What the change of a setting costs. @param further Settings that only this kind of machine has. */
export function costOf(
  key: string,
  olds: Properties,
  news: Properties,
  further: Readonly<Record<string, CostOf>>,
): Cost {
  const cost = further[key] ?? VM_COSTS[key] ?? "inPlace";
  if (typeof cost === "string") return cost;
  if (isUnknown(news[key])) return "powerCycle";
  return cost({ old: olds[key], wanted: news[key], olds });
}

/** True for a size that grows, or may, on a machine of which state does not know whether it allows that while it runs. */
export function mayBeHot(key: string, olds: Properties, news: Properties): boolean {
  if (key !== "numCpus" && key !== "memory") return false;
  if (olds[HOT_ADD[key]] !== undefined) return false;
  const [old, wanted] = [olds[key], news[key]];
  return isUnknown(wanted) || (typeof old === "number" && typeof wanted === "number" && wanted > old);
}

function listOf(value: unknown): readonly Properties[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "object" && item !== null) : [];
}
