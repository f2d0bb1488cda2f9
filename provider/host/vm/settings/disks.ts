import type { VirtualDisk } from "../../../../schema/index.ts";
import { chainOf } from "../reading/disk-chain.ts";
import type { ObservedVm } from "../reading/observed-vm.ts";
import { slotOf } from "./buses.ts";
import {
  type DiskProvisioning,
  datastoreOf,
  growthInKb,
  isDelta,
  modeOf,
  provisioningOf,
  sizeInGb,
} from "./disk-facts.ts";
import {
  baseFile,
  diskLabels,
  isOnUnnamed,
  type LabelledDisk,
  labelledDisks,
  writtenLabels,
} from "./disk-labels.ts";
import { planDisks } from "./disk-plan.ts";
import type { DiskWish } from "./disk-wish.ts";
import { BY_DEVICES, type DeviceSetting, WITH_DEVICES } from "./setting.ts";

/**
 * A machine's disks by label. Disks that it came with and that are not listed are left alone, and so are disks that
 * somebody else has added. A disk that was listed before is removed.
 */
export const disks: DeviceSetting<readonly DiskWish[]> = {
  stage: "devices",
  observe(vm, wishes) {
    const labels = diskLabels(vm);
    const there = labelledDisks(vm, labels);
    const listed = wishes.flatMap((wish) => {
      const [disk, entry] = [there.get(wish.label), labels.get(wish.label)];
      return disk && entry ? [observed(vm, disk, entry, wish)] : [];
    });
    const further = [...there].flatMap(([label, disk]) => {
      const entry = labels.get(label);
      if (entry === undefined || entry.origin === "source") return [];
      return wishes.some((wish) => wish.label === label) ? [] : [unlisted(label, disk, entry)];
    });
    return [...listed, ...further];
  },
  spec(vm, wishes) {
    const { changes, labels } = planDisks(vm, wishes);
    return { deviceChange: changes.map(({ change }) => change), extraConfig: [writtenLabels(labels)] };
  },
  off: (vm, wishes) => planDisks(vm, wishes).changes.some(({ cold }) => cold),
  vmx: BY_DEVICES,
  copied: WITH_DEVICES,
};

function observed(vm: ObservedVm, disk: VirtualDisk, entry: LabelledDisk, wish: DiskWish): DiskWish {
  // What is not known has not changed.
  if (isOnUnnamed(disk)) return wish;
  const slot = slotOf(vm.devices, disk);
  const asked = <T>(key: keyof DiskWish, value: T) => (wish[key] === undefined ? {} : { [key]: value });
  const { keep = false } = entry;
  return {
    label: wish.label,
    ...(wish.size !== undefined && { size: growthInKb(disk, wish.size) === 0 ? wish.size : sizeInGb(disk) }),
    ...asked("provisioning", provisioningFor(disk, entry, wish.provisioning)),
    ...asked("datastore", datastoreOf(disk)),
    ...asked("attach", attachedFile(disk, wish.attach)),
    ...asked("controller", slot?.kind),
    ...asked("busNumber", slot?.bus),
    ...asked("unitNumber", slot?.unit),
    ...asked("mode", modeOf(disk)),
    ...((wish.keepOnRemove !== undefined || keep) && { keepOnRemove: keep }),
  };
}

/** A disk that was listed before, as an entry of the list. */
function unlisted(label: string, disk: VirtualDisk, { origin, keep }: LabelledDisk): DiskWish {
  return {
    label,
    ...(origin === "attached" ? { attach: baseFile(disk) } : { size: sizeInGb(disk) }),
    ...(keep && { keepOnRemove: true }),
  };
}

/**
 * The provisioning in the program counts as done if it was the one asked for when the disk was made. Some datastores
 * support only one kind.
 */
function provisioningFor(disk: VirtualDisk, entry: LabelledDisk, asked: DiskProvisioning | undefined) {
  return asked === entry.provisioning || isDelta(disk) ? asked : provisioningOf(disk);
}

function attachedFile(disk: VirtualDisk, asked: string | undefined): string {
  return asked !== undefined && chainOf(disk).includes(asked) ? asked : baseFile(disk);
}
