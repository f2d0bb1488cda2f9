/** Disk images count in sectors. */
export const SECTOR_BYTES = 512;

/** The number of bytes, rounded up to a whole sector. */
export function roundUpToSector(bytes: number): number {
  return Math.ceil(bytes / SECTOR_BYTES) * SECTOR_BYTES;
}
