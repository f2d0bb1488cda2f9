/**
 * Reads a monolithicSparse VMDK, as Workstation, VirtualBox and qemu-img write it. The tables say where the grains are.
 */
import type { FileHandle } from "node:fs/promises";
import { DiskFormatError } from "../disk-format-error.ts";
import { SECTOR_BYTES } from "../sectors.ts";
import type { DiskGrain } from "./disk-grain.ts";

const TABLE_ENTRIES = 512;
const TABLE_BYTES = TABLE_ENTRIES * 4;
/** An entry of 1 means a grain of zeros that is not in the file. */
const ZERO_GRAIN = 1;
const MAX_GRAIN_SECTORS = 2048;
const MAX_DIRECTORY_ENTRIES = 2 ** 22;

export interface MonolithicSparseImage {
  readonly capacityBytes: number;
  /** The grains in the order of the disk. */
  readonly grains: AsyncGenerator<DiskGrain, void>;
}

/** @throws DiskFormatError for a damaged or incomplete one. `grains` throws it too */
export async function readMonolithicSparse(file: FileHandle, header: Buffer): Promise<MonolithicSparseImage> {
  const capacity = Number(header.readBigUInt64LE(12));
  const grainSectors = Number(header.readBigUInt64LE(20));
  const directorySector = Number(header.readBigUInt64LE(56));
  const directoryEntries = Math.ceil(capacity / grainSectors / TABLE_ENTRIES);
  const isSound =
    capacity > 0 &&
    grainSectors >= 8 &&
    grainSectors <= MAX_GRAIN_SECTORS &&
    directoryEntries <= MAX_DIRECTORY_ENTRIES;
  if (!isSound || header.readUInt32LE(44) !== TABLE_ENTRIES) throw damaged();
  const directory = await readAt(file, directorySector * SECTOR_BYTES, directoryEntries * 4);
  return {
    capacityBytes: capacity * SECTOR_BYTES,
    grains: readGrains(file, directory, { capacity, grainSectors }),
  };
}

async function* readGrains(
  file: FileHandle,
  directory: Buffer,
  { capacity, grainSectors }: { readonly capacity: number; readonly grainSectors: number },
): AsyncGenerator<DiskGrain, void> {
  for (let number = 0; number < directory.length / 4; number++) {
    const tableSector = directory.readUInt32LE(number * 4);
    if (tableSector === 0) continue;
    const table = await readAt(file, tableSector * SECTOR_BYTES, TABLE_BYTES);
    for (let entry = 0; entry < TABLE_ENTRIES; entry++) {
      const place = table.readUInt32LE(entry * 4);
      if (place <= ZERO_GRAIN) continue;
      const sector = (number * TABLE_ENTRIES + entry) * grainSectors;
      if (sector >= capacity) throw damaged();
      const bytes = Math.min(grainSectors, capacity - sector) * SECTOR_BYTES;
      yield { offsetBytes: sector * SECTOR_BYTES, data: await readAt(file, place * SECTOR_BYTES, bytes) };
    }
  }
}

async function readAt(file: FileHandle, offset: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes);
  const { bytesRead } = await file.read(buffer, 0, bytes, offset);
  if (bytesRead < bytes) throw damaged();
  return buffer;
}

function damaged(): DiskFormatError {
  return new DiskFormatError("corrupt sparse VMDK");
}
