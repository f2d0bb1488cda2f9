/** The cylinders, heads and sectors that a disk shows to a BIOS. */
import { SECTOR_BYTES } from "./sectors.ts";

const GIB = 2 ** 30;

export interface Geometry {
  readonly cylinders: number;
  readonly heads: number;
  /** Per track. */
  readonly sectors: number;
}

export function geometryOf(capacityBytes: number, adapterType: string): Geometry {
  const [heads, sectors] = headsAndSectors(capacityBytes, adapterType);
  const cylinders = Math.floor(capacityBytes / SECTOR_BYTES / (heads * sectors));
  return { cylinders: adapterType === "ide" ? Math.min(cylinders, 16_383) : cylinders, heads, sectors };
}

function headsAndSectors(capacityBytes: number, adapterType: string): [number, number] {
  if (adapterType === "ide") return [16, 63];
  if (capacityBytes < GIB) return [64, 32];
  if (capacityBytes < 2 * GIB) return [128, 32];
  return [255, 63];
}
