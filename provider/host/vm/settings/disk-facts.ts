import type { VirtualDisk } from "../../../../schema/index.ts";
import { isA } from "../../../vim/codec/objects.ts";
import { isDatastorePath, parseDatastorePath } from "../../datastore/datastore-path.ts";
import { chainOf } from "../reading/disk-chain.ts";
import { baseFile } from "./disk-labels.ts";

const KB_PER_MB = 1024;
const MB_PER_GB = 1024;

export const DISK_MODES = ["persistent", "independent_persistent", "independent_nonpersistent"] as const;
export type DiskMode = (typeof DISK_MODES)[number];
export const DISK_PROVISIONINGS = ["thin", "thick", "eagerZeroedThick"] as const;
export type DiskProvisioning = (typeof DISK_PROVISIONINGS)[number];

/** Gigabytes, as programs write them, in KB, as the API takes them: a whole number of megabytes. */
export const sizeInKb = (gb: number): number => Math.max(1, Math.round(gb * MB_PER_GB)) * KB_PER_MB;

/** How much a disk must grow, in KB. Negative if it must shrink. Less than a megabyte counts as no difference. */
export function growthInKb({ capacityInKB }: VirtualDisk, gb: number): number {
  const growth = sizeInKb(gb) - capacityInKB;
  return Math.abs(growth) < KB_PER_MB ? 0 : growth;
}

export const sizeInGb = ({ capacityInKB }: VirtualDisk): number => capacityInKB / KB_PER_MB / MB_PER_GB;

/**
 * True for a disk that holds only the differences from another one: it has a snapshot, or belongs to a linked clone.
 */
export const isDelta = (disk: VirtualDisk): boolean => chainOf(disk).length > 1;

export function provisioningOf({ backing }: VirtualDisk): DiskProvisioning {
  if (!isA(backing, "VirtualDiskFlatVer2BackingInfo") || backing.thinProvisioned) return "thin";
  return backing.eagerlyScrub ? "eagerZeroedThick" : "thick";
}

export function modeOf({ backing }: VirtualDisk): string {
  const mode = backing !== undefined && "diskMode" in backing ? backing.diskMode : undefined;
  return typeof mode === "string" && mode !== "" ? mode : "persistent";
}

export function datastoreOf(disk: VirtualDisk): string | undefined {
  const file = baseFile(disk);
  return isDatastorePath(file) ? parseDatastorePath(file).datastore : undefined;
}
