/** Disks in one file of other products, which this host copies but never runs: streamOptimized, monolithicSparse. */
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { ByteSource } from "../byte-source.ts";
import { createEmptyDisk, type DiskTarget, flatPathOf } from "../disk.ts";
import { FlatWriter } from "../flat-writer.ts";
import { SECTOR_BYTES } from "../sectors.ts";
import type { DiskGrain } from "./disk-grain.ts";
import { readMonolithicSparse } from "./monolithic-sparse.ts";
import { readStreamOptimized } from "./stream-optimized.ts";

const MAGIC = "KDMV";
const FLAG_COMPRESSED = 1 << 16;
const MONOLITHIC_SPARSE = 2;
const STREAM_OPTIMIZED = 22;

/** Whether that file of this machine begins like such a disk. */
export const isHostedDisk = async (path: string): Promise<boolean> =>
  (await hostedDiskType(path)) !== undefined;

/** The host's number for such a disk, in the fault when a VM with it starts. Undefined for any other file. */
export async function hostedDiskType(path: string): Promise<number | undefined> {
  const file = await open(path).catch(() => undefined);
  try {
    const header = file && (await firstSector(file));
    if (header?.toString("latin1", 0, 4) !== MAGIC) return undefined;
    return isCompressed(header) ? STREAM_OPTIMIZED : MONOLITHIC_SPARSE;
  } finally {
    await file?.close();
  }
}

const isCompressed = (header: Buffer): boolean => (header.readUInt32LE(8) & FLAG_COMPRESSED) !== 0;

/**
 * Copies one into a disk of a datastore. If there is an error, the part that was written stays.
 * @param onProgress gets the percentage that is done, 0 to 100
 * @throws DiskFormatError for a damaged or incomplete one, DatastoreFileError, DatastoreFullError
 */
export async function copyHostedDisk(
  path: string,
  target: DiskTarget,
  onProgress: (percent: number) => void | Promise<void>,
): Promise<void> {
  const file = await open(path);
  const bytes = new ByteSource(createReadStream(path), () => {});
  try {
    const header = await firstSector(file);
    const image = isCompressed(header)
      ? await readStreamOptimized(bytes)
      : await readMonolithicSparse(file, header);
    await createEmptyDisk(target, image.capacityBytes);
    await fill(image.grains, image.capacityBytes, target, onProgress);
  } finally {
    await bytes.close();
    await file.close();
  }
}

async function fill(
  grains: AsyncIterable<DiskGrain>,
  capacityBytes: number,
  { datastore, descriptorPath, provisioning }: DiskTarget,
  onProgress: (percent: number) => void | Promise<void>,
): Promise<void> {
  const flatPath = flatPathOf(descriptorPath);
  const flat = await open(datastore.localPath(flatPath), "r+");
  const writer = new FlatWriter(flat, (more) => {
    if (provisioning === "thin") datastore.allocate(flatPath, more);
  });
  let told = -1;
  const tell = async (done: number) => {
    const percent = Math.floor((done * 100) / capacityBytes);
    if (percent !== told) await onProgress(percent);
    told = percent;
  };
  try {
    for await (const { offsetBytes, data } of grains) {
      await tell(offsetBytes);
      await writer.write(offsetBytes, data);
    }
    await writer.finish();
    await tell(capacityBytes);
  } finally {
    await writer.settle();
    await flat.close();
  }
}

async function firstSector(file: FileHandle): Promise<Buffer> {
  const sector = Buffer.alloc(SECTOR_BYTES);
  await file.read(sector, 0, SECTOR_BYTES, 0);
  return sector;
}
