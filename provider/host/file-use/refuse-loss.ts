import { isDeepStrictEqual } from "node:util";
import type { VirtualDeviceConfigSpec } from "../../../schema/index.ts";
import { ageClock } from "../../clock.ts";
import { refuseDisksAway } from "../datastore/datastore-away.ts";
import { isBesideVm } from "../datastore/datastore-path.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { HostError } from "../host-error.ts";
import { chainOf, disksAmong } from "../vm/reading/disk-chain.ts";
import type { ObservedVm } from "../vm/reading/observed-vm.ts";
import { isOnUnnamed, labelledDisks } from "../vm/settings/disk-labels.ts";
import type { DiskWish } from "../vm/settings/disk-wish.ts";
import type { VmWishes } from "../vm/settings/settings.ts";
import { specOf } from "../vm/settings/wishes.ts";
import { fileUses } from "./file-uses.ts";
import { filesOnDelete, ownDiskFiles } from "./machine-files.ts";
import { refuseWhileNeeded } from "./needed-files.ts";

/** How old a look at the other machines may be when a deletion relies on it, in milliseconds. */
const LATELY_MS = 2_000;

/** That moment, or a later one if it is long ago: the machine may have taken its time to power off. */
export const lately = (seenAt: number | undefined): number | undefined =>
  seenAt === undefined ? undefined : Math.max(seenAt, ageClock.now() - LATELY_MS);

/**
 * Refuses a change that would write to disks on which other machines build.
 * @param doing What was to be done, as `power it on`.
 * @throws HostError with the names of those machines.
 */
export async function refuseWithChildren(host: EsxiHost, vm: ObservedVm, doing: string): Promise<void> {
  const since = ageClock.now();
  await refuseWhileNeeded(host, {
    files: ownDiskFiles(vm, await fileUses(host, since)),
    since,
    owner: vm,
    doing,
    // A shared disk as a device does not count: two machines may have it and take turns.
    counts: ({ as }, file) => as === "base" || as === "snapshot" || isBesideVm(file, vm.vmxPath),
  });
}

/**
 * Refuses to delete a machine if another one needs its disks, or if its snapshots would take along files that must
 * stay.
 * @param since The machines must have been looked at then or later.
 * @throws HostError with the names of those machines, or files.
 * @throws UnreadableError if the host does not reach one of its disks.
 */
export async function refuseToDelete(host: EsxiHost, vm: ObservedVm, since = ageClock.now()): Promise<void> {
  const { going, stuck: before } = filesOnDelete(vm, await fileUses(host, since));
  await refuseDisksAway(host, vm, going, "delete it");
  await refuseWhileNeeded(host, { files: going, owner: vm, doing: "delete it", since });
  if (before.length === 0) return;
  // The snapshots may be gone by now, so this looks again.
  const { stuck } = filesOnDelete(vm, await fileUses(host));
  if (stuck.length === 0) return;
  throw new HostError(
    `${host.name}: snapshots of "${vm.name}" hold ${stuck.join(", ")}, which must stay when "${vm.name}" is deleted: it was ` +
      "attached, is to be kept, or lies elsewhere. The host would delete it with the snapshots. Nothing was changed. " +
      "Remove the snapshots first.",
  );
}

/**
 * Refuses to delete or grow a disk of a machine if another machine needs it, and to change one that the host does not
 * reach.
 * @param pending What is to be changed on the machine.
 */
export async function refuseDiskChanges(host: EsxiHost, vm: ObservedVm, pending: VmWishes): Promise<void> {
  for (const { operation, fileOperation, device } of plannedDevices(host, vm, pending)) {
    const disk = disksAmong(vm.devices).find(({ key }) => key === device.key);
    if (disk === undefined) continue;
    const files = chainOf(disk);
    // A disk that was attached leaves no file behind when it is taken out.
    if (operation !== "remove" || fileOperation === "destroy")
      await refuseDisksAway(host, vm, files, `change its disk ${files[0]}`);
    if (fileOperation === "destroy") {
      await refuseWhileNeeded(host, { files, owner: vm, doing: `delete its disk ${files[0]}` });
    }
    const [wanted = disk] = disksAmong([device]);
    if (wanted.capacityInKB > disk.capacityInKB) {
      await refuseWhileNeeded(host, { files, owner: vm, doing: `grow its disk ${files[0]}` });
    }
  }
}

/**
 * Refuses to change an entry of a machine's disks while the host does not have its datastore: it does not tell the size
 * of such a disk, so nobody could say whether it is as it is to be.
 * @param before The entries in state.
 * @param wishes The entries in the program.
 */
export async function refuseUnknownDisks(
  host: EsxiHost,
  vm: ObservedVm,
  before: unknown,
  wishes: readonly DiskWish[] = [],
): Promise<void> {
  const known = Array.isArray(before) ? before : [];
  const there = labelledDisks(vm);
  for (const wish of wishes) {
    const disk = there.get(wish.label);
    if (disk === undefined || !isOnUnnamed(disk) || known.some((one) => isDeepStrictEqual(one, wish)))
      continue;
    await refuseDisksAway(host, vm, chainOf(disk), `change its disk "${wish.label}"`);
  }
}

/** What is to become of the machine's devices. @throws HostError for what no machine can have */
function plannedDevices(
  host: EsxiHost,
  vm: ObservedVm,
  pending: VmWishes,
): readonly VirtualDeviceConfigSpec[] {
  try {
    return specOf(vm, pending).deviceChange ?? [];
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    throw new HostError(`${host.name}: ${error.message} No device was changed.`, { cause: error });
  }
}
