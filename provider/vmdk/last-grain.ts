import { SECTOR_BYTES } from "./sparse-header.ts";

/** Bytes of a disk file from an offset on. Fewer only at its end. */
type Read = (offset: number, lengthBytes: number) => Promise<Buffer>;

/** Directory and tables of a disk of 64 GiB. Reading those of a larger one would take too long for a preview. */
const MOST_FRONT_BYTES = 8 * 1024 * 1024;
/** The header of a compressed grain: its sector on the disk, and its length in bytes. */
const GRAIN_MARKER_BYTES = 12;
const MOST_DIRECTORY_ENTRIES = 1_000_000;

/**
 * Whether the data of a disk is complete, if its directory and tables come before its data, as qemu-img writes them.
 * @param fileBytes size of the disk's file
 * @returns `missing` if the last grain is cut off, `whole` if the file ends where a tool ends it. `unseen` if the
 * tables do not tell, or if the last grain is there and the file ends somewhere behind it
 */
export async function endByTables(read: Read, fileBytes: number): Promise<"whole" | "missing" | "unseen"> {
  const last = await lastGrain(read);
  if (last === undefined) return "unseen";
  if (last.end > fileBytes) return "missing";
  const sectorEnd = Math.ceil(last.end / SECTOR_BYTES) * SECTOR_BYTES;
  // With an end-of-stream marker, without one, or with the full space of one grain.
  const isUsual = [sectorEnd, sectorEnd + SECTOR_BYTES].includes(fileBytes) || fileBytes >= last.roomEnd;
  return isUsual ? "whole" : "unseen";
}

async function lastGrain(read: Read): Promise<{ end: number; roomEnd: number } | undefined> {
  const header = await read(0, SECTOR_BYTES);
  if (header.length < SECTOR_BYTES) return undefined;
  const sectors = (offset: number) => Number(header.readBigUInt64LE(offset));
  const [capacity, grainSectors, directory, front] = [sectors(12), sectors(20), sectors(56), sectors(64)];
  const entriesPerTable = header.readUInt32LE(44);
  const frontBytes = front * SECTOR_BYTES;
  if (!(frontBytes > 0 && frontBytes <= MOST_FRONT_BYTES)) return undefined;
  const entries = Math.ceil(capacity / (grainSectors * entriesPerTable));
  if (!(entries > 0 && entries <= MOST_DIRECTORY_ENTRIES)) return undefined;
  const bytes = await read(0, frontBytes);
  const tables = numbersAt(bytes, directory * SECTOR_BYTES, entries);
  if (tables === undefined) return undefined;
  let last = 0;
  for (const table of tables) {
    const grains = table === 0 ? [] : numbersAt(bytes, table * SECTOR_BYTES, entriesPerTable);
    if (grains === undefined) return undefined;
    for (const grain of grains) last = Math.max(last, grain);
  }
  if (last === 0) return { end: frontBytes, roomEnd: frontBytes };
  const marker = await read(last * SECTOR_BYTES, GRAIN_MARKER_BYTES);
  const length = marker.length < GRAIN_MARKER_BYTES ? 0 : marker.readUInt32LE(8);
  const start = last * SECTOR_BYTES;
  return { end: start + GRAIN_MARKER_BYTES + length, roomEnd: start + grainSectors * SECTOR_BYTES };
}

function numbersAt(bytes: Buffer, offset: number, count: number): number[] | undefined {
  if (offset <= 0 || offset + count * 4 > bytes.length) return undefined;
  return Array.from({ length: count }, (_, index) => bytes.readUInt32LE(offset + index * 4));
}
