import { isDeepStrictEqual } from "node:util";
import type { VirtualDevice } from "../../../schema/index.ts";
import { isA } from "../../vim/codec/objects.ts";
import { chainOf, disksAmong } from "../vm/reading/disk-chain.ts";
import type { ObservedVm } from "../vm/reading/observed-vm.ts";

/** What must be the same of a machine, wherever it is. */
const SAME = [
  "uuid",
  "instanceUuid",
  "numCpus",
  "numCoresPerSocket",
  "memory",
  "annotation",
  "macAddresses",
] as const;

/**
 * In what a machine that was copied to another place differs from the original.
 * @param places Where disks of the original are now, by the files that they had.
 */
export function differencesOfMoved(
  old: ObservedVm,
  moved: ObservedVm,
  places: ReadonlyMap<string, string>,
): string[] {
  const settings = SAME.filter((key) => !isDeepStrictEqual(old[key], moved[key]));
  const config = isDeepStrictEqual(old.config.guestId, moved.config.guestId) ? [] : ["guestId"];
  const devices = isDeepStrictEqual(kindsOf(old.devices), kindsOf(moved.devices)) ? [] : ["devices"];
  const disks = isDeepStrictEqual(
    diskFacts(old, (file) => places.get(file) ?? file),
    diskFacts(moved, (file) => file),
  );
  return [...settings, ...config, ...devices, ...(disks ? [] : ["disks"])];
}

const kindsOf = (devices: readonly VirtualDevice[]): string[] =>
  devices.map(({ key, $type = "" }) => `${key} ${$type}`).sort();

/** Place, size, identity and file of each disk. */
function diskFacts({ devices }: ObservedVm, placeOf: (file: string) => string): unknown[] {
  return disksAmong(devices).map((disk) => {
    const { key, controllerKey, unitNumber, capacityInKB, backing } = disk;
    const uuid = isA(backing, "VirtualDiskFlatVer2BackingInfo") ? backing.uuid : undefined;
    return { key, controllerKey, unitNumber, capacityInKB, uuid, files: chainOf(disk).map(placeOf) };
  });
}
