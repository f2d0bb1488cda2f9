import { createHash, randomBytes } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { deflateSync } from "node:zlib";
import { pack } from "tar-stream";
import { buildOva } from "../../test/support/ova-builder.ts";
import { streamVmdkPieces } from "../../test/support/stream-vmdk.ts";

const BLOCK = 512;
const GRAIN_BYTES = 64 * 1024;
const WRITE_BYTES = 8 * 1024 * 1024;
/** As many different grains; a disk repeats them, which matters to nobody who only hashes and sends. */
const GRAINS = 64;

/** An OVA on disk, and where its only disk lies in it. */
export interface LargeOva {
  readonly path: string;
  readonly diskOffset: number;
  readonly diskBytes: number;
}

/**
 * Writes an OVA with one streamOptimized disk of incompressible content and a SHA-256 manifest, one piece at a time.
 * @param capacityBytes of the disk; the file becomes about one percent larger
 */
export async function writeLargeOva(path: string, capacityBytes: number): Promise<LargeOva> {
  const file = await open(path, "w");
  try {
    return await writeArchive(file, path, capacityBytes);
  } finally {
    await file.close();
  }
}

async function writeArchive(file: FileHandle, path: string, capacityBytes: number): Promise<LargeOva> {
  const disk = "large-disk1.vmdk";
  const packed = (describedBytes: number) =>
    buildOva({
      name: "large",
      files: [{ href: disk, content: Buffer.alloc(0), capacityBytes, describedBytes }],
    });
  // The manifest comes before the disk and holds its digest: room is left for both, and they are written last.
  const reserved = 64 * 1024;
  const diskOffset = reserved + BLOCK;
  const { diskBytes, digest } = await writeDisk(file, diskOffset, capacityBytes);

  const descriptor = Buffer.from(packed(diskBytes).descriptor);
  const manifest = Buffer.from(
    `SHA256(large.ovf)= ${createHash("sha256").update(descriptor).digest("hex")}\nSHA256(${disk})= ${digest}\n`,
  );
  const front = Buffer.concat([await entry("large.ovf", descriptor), await entry("large.mf", manifest)]);
  const filler = Buffer.alloc(reserved - front.length - BLOCK);
  const pieces = [front, await entry("filler", filler), await header(disk, diskBytes)];
  await file.write(Buffer.concat(pieces), 0, null, 0);
  await file.write(Buffer.alloc(2 * BLOCK), 0, null, diskOffset + diskBytes);
  await file.sync();
  return { path, diskOffset, diskBytes };
}

async function writeDisk(file: FileHandle, offset: number, capacityBytes: number) {
  const grains = Array.from({ length: GRAINS }, () => deflateSync(randomBytes(GRAIN_BYTES), { level: 0 }));
  const hash = createHash("sha256");
  let position = offset;
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  const flush = async () => {
    const bytes = Buffer.concat(waiting);
    hash.update(bytes);
    await file.write(bytes, 0, bytes.length, position);
    position += bytes.length;
    waiting = [];
    waitingBytes = 0;
  };
  for (const piece of streamVmdkPieces(capacityBytes / BLOCK, (index) => grains[index % GRAINS])) {
    waiting.push(piece);
    waitingBytes += piece.length;
    if (waitingBytes >= WRITE_BYTES) await flush();
  }
  await flush();
  return { diskBytes: position - offset, digest: hash.digest("hex") };
}

async function entry(name: string, content: Buffer): Promise<Buffer> {
  return Buffer.concat([
    await header(name, content.length),
    content,
    Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK),
  ]);
}

/** The content is written apart from it, so the archive that it begins is left unfinished. */
async function header(name: string, size: number): Promise<Buffer> {
  const archive = pack();
  archive.entry({ name, size });
  for await (const block of archive) return block;
  throw new Error(`tar-stream made no header for ${name}`);
}
