/** Writes an uploaded streamOptimized image into a disk of the datastore. */
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { ByteSource } from "./byte-source.ts";
import { createEmptyDisk, type DiskTarget, deleteDisk, flatPathOf } from "./disk.ts";
import { FlatWriter } from "./flat-writer.ts";
import { readStreamOptimized, type StreamOptimizedImage } from "./sparse/stream-optimized.ts";

export interface ReceivedDisk {
  readonly capacityBytes: number;
  /** Hex digest of the bytes as they arrived. */
  readonly sha1: string;
  readonly receivedBytes: number;
}

/**
 * Writes the disk while it arrives, with a few MiB of memory. An existing disk is replaced once the header has shown
 * that this is an image. After that, every error removes both, also an error of `source`.
 *
 * @throws DiskFormatError if this is no streamOptimized VMDK, or a damaged or incomplete one.
 * @throws DatastoreFullError if there is not enough space.
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
