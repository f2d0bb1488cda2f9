import { isDeepStrictEqual } from "node:util";
import type { VirtualDevice } from "../../../schema/index.ts";
import { isA } from "../../vim/codec/objects.ts";
import { chainOf, disksAmong } from "../vm/reading/disk-chain.ts";
import type { ObservedVm } from "../vm/reading/observed-vm.ts";

/** Properties of a machine that must be the same wherever it is. */
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
 * The differences between a machine that was copied to another place and the original.
 * @param places New places of the original's disks, by their old files.
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
