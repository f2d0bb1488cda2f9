/**
 * Reads a streamOptimized VMDK while it arrives: header, descriptor, then grains, each behind a marker with its place.
 * Grain directory and tables only help a reader that can seek. If they come before the grains, the number of grains is
 * taken from them, because qemu-img writes no end marker. If they come after the grains, they are ignored.
 */
import { inflateSync } from "node:zlib";
import type { ByteSource } from "../byte-source.ts";
import { DiskFormatError } from "../disk-format-error.ts";
import { roundUpToSector, SECTOR_BYTES } from "../sectors.ts";
import type { DiskGrain } from "./disk-grain.ts";
import { countGrains } from "./grain-directory.ts";
import { parseSparseHeader, type SparseHeader } from "./sparse-header.ts";

const MARKER_DATA_OFFSET = 12;
const MARKER_END_OF_STREAM = 0;
const MARKER_FOOTER = 3;
/** Far more than the tables of the largest disk need, but few enough to go on reading. */
const MAX_METADATA_SECTORS = 2 ** 20;
const MAX_DESCRIPTOR_SECTORS = 2048;

export interface StreamOptimizedImage {
  readonly capacityBytes: number;
  /** The grains in the order of the disk. Reads the source to its end. */
  readonly grains: AsyncGenerator<DiskGrain, void>;
}

/**
 * Reads up to the first grain.
 *
 * @throws DiskFormatError if this is no streamOptimized VMDK. `grains` throws it too, for errors further on.
 */
export async function readStreamOptimized(source: ByteSource): Promise<StreamOptimizedImage> {
  if (!(await source.fill(SECTOR_BYTES))) throw new DiskFormatError("invalid sparse VMDK header");
  const header = parseSparseHeader(source.take(SECTOR_BYTES));
  await readDescriptor(source, header);
  const expectedGrains = await countGrains(source, header);
  const start = header.overheadSectors * SECTOR_BYTES;
  if (start < source.position) throw new DiskFormatError("invalid sparse VMDK header");
  if (!(await source.skip(start - source.position))) throw truncated();
  return {
    capacityBytes: header.capacitySectors * SECTOR_BYTES,
    grains: readGrains(source, header, expectedGrains),
  };
}

async function readDescriptor(source: ByteSource, header: SparseHeader): Promise<void> {
  if (header.descriptorSector === 0) return;
  const bytes = header.descriptorSectors * SECTOR_BYTES;
  if (header.descriptorSectors > MAX_DESCRIPTOR_SECTORS)
    throw new DiskFormatError("invalid sparse VMDK header");
  const offset = header.descriptorSector * SECTOR_BYTES - source.position;
  if (offset < 0) throw new DiskFormatError("invalid sparse VMDK header");
  if (!(await source.skip(offset)) || !(await source.fill(bytes))) throw truncated();
  const createType = /^createType\s*=\s*"(.*)"/m.exec(source.take(bytes).toString("latin1"))?.[1];
  if (createType !== "streamOptimized") {
    throw new DiskFormatError(`invalid disk type '${createType ?? ""}' in the embedded descriptor`);
  }
}

async function* readGrains(
  source: ByteSource,
  header: SparseHeader,
  expectedGrains: number | undefined,
): AsyncGenerator<DiskGrain, void> {
  let nextSector = 0;
  let grains = 0;
  let ended = false;
  while (!ended) {
    if (source.buffered < SECTOR_BYTES && !(await source.fill(SECTOR_BYTES))) {
      if (expectedGrains === undefined || source.buffered > 0) throw truncated();
      break;
    }
    const marker = source.peek(SECTOR_BYTES);
    const value = marker.readBigUInt64LE(0);
    const size = marker.readUInt32LE(8);
    if (size === 0) {
      ended = await readMetadata(source, value, marker.readUInt32LE(MARKER_DATA_OFFSET));
      continue;
    }
    const sector = checkPlace(value, nextSector, header);
    const bytes = roundUpToSector(MARKER_DATA_OFFSET + size);
    // A compressed grain that is longer than two plain ones is invalid, and would need too much memory.
    if (size > 2 * header.grainSectors * SECTOR_BYTES) throw corrupt(`grain at sector ${sector} is too long`);
    if (source.buffered < bytes && !(await source.fill(bytes))) throw truncated();
    const compressed = source.take(bytes).subarray(MARKER_DATA_OFFSET, MARKER_DATA_OFFSET + size);
    yield { offsetBytes: sector * SECTOR_BYTES, data: inflateGrain(compressed, sector, header) };
    nextSector = sector + header.grainSectors;
    grains++;
  }
  if (expectedGrains !== undefined && grains !== expectedGrains) throw truncated();
  await source.drain();
}

function checkPlace(value: bigint, nextSector: number, header: SparseHeader): number {
  if (value >= BigInt(header.capacitySectors))
    throw corrupt(`grain at sector ${value} is beyond the disk's end`);
  const sector = Number(value);
  if (sector % header.grainSectors !== 0) throw corrupt(`grain at sector ${sector} is not aligned`);
  if (sector < nextSector) throw corrupt(`grain at sector ${sector} is out of order`);
  return sector;
}

function inflateGrain(compressed: Buffer, sector: number, header: SparseHeader): Buffer {
  const grainBytes = header.grainSectors * SECTOR_BYTES;
  const leftBytes = Math.min(grainBytes, (header.capacitySectors - sector) * SECTOR_BYTES);
  let data: Buffer;
  try {
    data = inflateSync(compressed, { chunkSize: grainBytes, maxOutputLength: grainBytes });
  } catch {
    throw corrupt(`grain at sector ${sector} cannot be inflated`);
  }
  if (data.length !== grainBytes && data.length !== leftBytes) {
    throw corrupt(`grain at sector ${sector} has ${data.length} bytes instead of ${grainBytes}`);
  }
  return data.subarray(0, leftBytes);
}

/** Skips a marker that is not of a grain, and the data behind it. True if it ends the stream. */
async function readMetadata(source: ByteSource, sectors: bigint, type: number): Promise<boolean> {
  source.take(SECTOR_BYTES);
  if (type === MARKER_END_OF_STREAM) {
    if (sectors !== 0n) throw corrupt("bad end marker");
    return true;
  }
  if (sectors > MAX_METADATA_SECTORS) throw corrupt(`bad marker of type ${type}`);
  if (type === MARKER_FOOTER) {
    if (sectors !== 1n) throw corrupt("bad footer");
    if (!(await source.fill(SECTOR_BYTES))) throw truncated();
    parseSparseHeader(source.take(SECTOR_BYTES));
  } else if (!(await source.skip(Number(sectors) * SECTOR_BYTES))) {
    throw truncated();
  }
  return false;
}

function corrupt(what: string): DiskFormatError {
  return new DiskFormatError(`corrupt sparse VMDK: ${what}`);
}

function truncated(): DiskFormatError {
  return corrupt("it ends early");
}
