/** The first sector of a sparse VMDK, according to "Virtual Disk Format 5.0". */
import { DiskFormatError } from "../disk-format-error.ts";
import { SECTOR_BYTES } from "../sectors.ts";

const MAGIC = Buffer.from("KDMV", "latin1");
/** Bytes that a transfer in text mode would have changed. */
const NEWLINES = Buffer.from("\n \r\n", "latin1");
const NEWLINES_OFFSET = 73;
const FLAG_COMPRESSED = 1 << 16;
const FLAG_MARKERS = 1 << 17;
const COMPRESSION_DEFLATE = 1;
const VERSION = 3;
const ENTRIES_PER_TABLE = 512;
const MAX_GRAIN_SECTORS = 2048;
/** 62 TiB, the largest disk of any host. */
const MAX_CAPACITY_SECTORS = 62n * 2n ** 31n;
const DIRECTORY_AT_END = 0xffff_ffff_ffff_ffffn;

export interface SparseHeader {
  readonly capacitySectors: number;
  readonly grainSectors: number;
  /** Where the embedded descriptor begins. 0 without one. */
  readonly descriptorSector: number;
  readonly descriptorSectors: number;
  /** Where the grain directory is, before the grains or after them. Undefined if only the footer says it. */
  readonly directorySector: number | undefined;
  /** Sectors before the first grain. */
  readonly overheadSectors: number;
}

/**
 * Reads the header of a streamOptimized image.
 *
 * @throws DiskFormatError for anything else, also for an image that is not made for streaming.
 */
export function parseSparseHeader(sector: Buffer): SparseHeader {
  if (sector.length < SECTOR_BYTES || !sector.subarray(0, 4).equals(MAGIC)) throw invalid();
  const version = sector.readUInt32LE(4);
  if (version < VERSION) throw new DiskFormatError("sparse VMDK version too old");
  if (version > VERSION) throw new DiskFormatError("sparse VMDK version too new");
  const flags = sector.readUInt32LE(8);
  if ((flags & FLAG_COMPRESSED) === 0 || (flags & FLAG_MARKERS) === 0) throw invalid();
  if (sector.readUInt16LE(77) !== COMPRESSION_DEFLATE) throw invalid();
  if (!sector.subarray(NEWLINES_OFFSET, NEWLINES_OFFSET + NEWLINES.length).equals(NEWLINES)) throw invalid();
  if (sector.readUInt32LE(44) !== ENTRIES_PER_TABLE) throw invalid();

  const directory = sector.readBigUInt64LE(56);
  const header: SparseHeader = {
    capacitySectors: bounded(sector.readBigUInt64LE(12), MAX_CAPACITY_SECTORS),
    grainSectors: bounded(sector.readBigUInt64LE(20), BigInt(MAX_GRAIN_SECTORS)),
    descriptorSector: bounded(sector.readBigUInt64LE(28), MAX_CAPACITY_SECTORS),
    descriptorSectors: bounded(sector.readBigUInt64LE(36), MAX_CAPACITY_SECTORS),
    directorySector: directory === DIRECTORY_AT_END ? undefined : bounded(directory, MAX_CAPACITY_SECTORS),
    overheadSectors: bounded(sector.readBigUInt64LE(64), MAX_CAPACITY_SECTORS),
  };
  const powerOfTwo = (header.grainSectors & (header.grainSectors - 1)) === 0;
  if (header.capacitySectors === 0 || header.grainSectors < 8 || !powerOfTwo) throw invalid();
  if (header.overheadSectors === 0) throw invalid();
  return header;
}

function bounded(value: bigint, limit: bigint): number {
  if (value > limit) throw invalid();
  return Number(value);
}

function invalid(): DiskFormatError {
  return new DiskFormatError("invalid sparse VMDK header");
}
