import { createCipheriv, createHash } from "node:crypto";

/** The virtual size of the tiny disk, in bytes. */
const SIZE = 8 * 1024 * 1024;
/** What streamOptimized VMDKs are divided into, in bytes. */
const GRAIN = 64 * 1024;

/**
 * The raw bytes of the tiny VM's disk: mostly zeros, with content that shows whether each kind of grain
 * arrived where it belongs: at the very beginning and end, across a grain's border, a grain that does not
 * compress, and two grains far apart that hold the same bytes.
 */
export function makeTinyDisk(): Buffer {
  const disk = Buffer.alloc(SIZE);
  disk.write("tinyVM: the first sector. It boots nothing.\n", 0, "latin1");
  disk.writeUInt16LE(0xaa55, 510);
  fillWithOffsets(disk, 1 * GRAIN, 2 * GRAIN);
  fillWithOffsets(disk, 20 * GRAIN - 1536, 20 * GRAIN + 1536);
  fillWithNoise(disk, 40 * GRAIN, 40 * GRAIN + 24 * 1024);
  disk.fill("the same grain twice ", 60 * GRAIN, 61 * GRAIN, "latin1");
  disk.copy(disk, 100 * GRAIN, 60 * GRAIN, 61 * GRAIN);
  disk.write("tinyVM: the last sector.\n", SIZE - 512, "latin1");
  return disk;
}

/** Writes to every 16 bytes where they are, so that a sector in the wrong place can be recognised. */
function fillWithOffsets(disk: Buffer, from: number, to: number): void {
  for (let offset = from; offset < to; offset += 16) {
    disk.write(`@${offset.toString(16).padStart(14, "0")}\n`, offset, "latin1");
  }
}

/** Bytes that no compressor makes smaller, the same every time. */
function fillWithNoise(disk: Buffer, from: number, to: number): void {
  const key = createHash("sha256").update("pulumi-esxi-direct tinyVM").digest();
  const cipher = createCipheriv("aes-256-ctr", key, Buffer.alloc(16));
  cipher.update(Buffer.alloc(to - from)).copy(disk, from);
}
