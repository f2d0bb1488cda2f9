/** Turns an uploaded streamOptimized image into a disk of the datastore. */
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { ByteSource } from "./byte-source.ts";
import { createEmptyDisk, type DiskTarget, deleteDisk, flatPathOf } from "./disk.ts";
import { FlatWriter } from "./flat-writer.ts";
import { readStreamOptimized, type StreamOptimizedImage } from "./sparse/stream-optimized.ts";

export interface ReceivedDisk {
  readonly capacityBytes: number;
  /** Hex digest of the bytes as they came. */
  readonly sha1: string;
  readonly receivedBytes: number;
}

/**
 * Writes the disk while it comes in, in a few MiB of memory. A disk that is there already is replaced, once the header
 * has shown that this is an image; after that any error, one of `source` included, leaves nothing of either.
 *
 * @throws DiskFormatError if this is no streamOptimized VMDK, a damaged one, or a part of one.
 * @throws DatastoreFullError if it does not fit.
 */
export async function receiveStreamOptimized(
  source: AsyncIterable<Uint8Array>,
  target: DiskTarget,
): Promise<ReceivedDisk> {
  const digest = createHash("sha1");
  let receivedBytes = 0;
  const bytes = new ByteSource(source, (chunk) => {
    digest.update(chunk);
    receivedBytes += chunk.byteLength;
  });
  try {
    const image = await readStreamOptimized(bytes);
    await writeDisk(image, target);
    return { capacityBytes: image.capacityBytes, sha1: digest.digest("hex"), receivedBytes };
  } finally {
    await bytes.close();
  }
}

async function writeDisk(image: StreamOptimizedImage, target: DiskTarget): Promise<void> {
  const { datastore, descriptorPath, provisioning } = target;
  if (await datastore.exists(descriptorPath)) await deleteDisk(datastore, descriptorPath);
  await createEmptyDisk(target, image.capacityBytes);
  const flatPath = flatPathOf(descriptorPath);
  try {
    const file = await open(datastore.localPath(flatPath), "r+");
    const writer = new FlatWriter(file, (more) => {
      if (provisioning === "thin") datastore.allocate(flatPath, more);
    });
    try {
      for await (const { offsetBytes, data } of image.grains) await writer.write(offsetBytes, data);
      await writer.finish();
    } finally {
      await writer.settle();
      await file.close();
    }
  } catch (cause) {
    await deleteDisk(datastore, descriptorPath);
    throw cause;
  }
}
