/** Bytes of one VMDK sector. */
export const SECTOR_BYTES = 512;

/** The grain directory offset of a file whose directory comes after the data: read the footer instead. */
const GD_AT_END = 0xffff_ffff_ffff_ffffn;

/** The first bytes of the header. */
export const MAGIC = "KDMV";
const FLAG_COMPRESSED = 1 << 16;
const FLAG_MARKERS = 1 << 17;
const DEFLATE = 1;

/** The first sector of a hosted sparse VMDK (SparseExtentHeader of VMware's Virtual Disk Format). */
export interface SparseHeader {
  readonly version: number;
  /** Grains are stored compressed. */
  readonly compressed: boolean;
  /** Grains and tables have markers, so the file can be read from front to back. */
  readonly markers: boolean;
  readonly deflate: boolean;
  /** The capacity that the guest sees. */
  readonly capacityBytes: number;
  readonly grainBytes: number;
  /** Whether the grain directory comes after the data, and a footer repeats the header. */
  readonly directoryAtEnd: boolean;
  /** Whether the four line-end bytes are unchanged. A transfer in text mode changes them. */
  readonly lineEndsIntact: boolean;
}

/**
 * Reads the header at the start of a VMDK.
 * @param bytes at least the first 512 bytes of the file
 * @returns undefined if it is none
 */
export function parseSparseHeader(bytes: Uint8Array): SparseHeader | undefined {
  if (bytes.byteLength < SECTOR_BYTES) return undefined;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.toString("latin1", 0, 4) !== MAGIC) return undefined;
  const flags = view.readUInt32LE(8);
  return {
    version: view.readUInt32LE(4),
    compressed: (flags & FLAG_COMPRESSED) !== 0,
    markers: (flags & FLAG_MARKERS) !== 0,
    deflate: view.readUInt16LE(77) === DEFLATE,
    capacityBytes: Number(view.readBigUInt64LE(12)) * SECTOR_BYTES,
    grainBytes: Number(view.readBigUInt64LE(20)) * SECTOR_BYTES,
    directoryAtEnd: view.readBigUInt64LE(56) === GD_AT_END,
    lineEndsIntact: view.toString("latin1", 73, 77) === "\n \r\n",
  };
}
