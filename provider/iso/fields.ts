/** Bytes of a sector, and of a block. All addresses are in this unit. */
export const SECTOR_BYTES = 2048;

/** Writes a number as in ISO 9660: once little-endian, once big-endian. */
export function putBoth16(target: Buffer, at: number, value: number): void {
  target.writeUInt16LE(value, at);
  target.writeUInt16BE(value, at + 2);
}

/** As {@link putBoth16}, with 32 bits. */
export function putBoth32(target: Buffer, at: number, value: number): void {
  target.writeUInt32LE(value, at);
  target.writeUInt32BE(value, at + 4);
}

/** Text as in Joliet. */
export const ucs2 = (text: string): Buffer => Buffer.from(text, "utf16le").swap16();

/** Filled up to whole sectors, at least one. */
export function inSectors(bytes: Uint8Array): Buffer {
  const padded = Buffer.alloc(sectorsOf(bytes.byteLength) * SECTOR_BYTES);
  padded.set(bytes);
  return padded;
}

export const sectorsOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / SECTOR_BYTES));
