/** What becomes of the bytes of a lease's file, whichever way they come in. */
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { receiveStreamOptimized } from "../disk/receive.ts";
import type { LeaseFile } from "./lease.ts";

/** Writes them where they belong, and digests them. */
export async function receiveInto(
  file: LeaseFile,
  source: AsyncIterable<Uint8Array>,
): Promise<NonNullable<LeaseFile["received"]>> {
  const digests = { sha1: createHash("sha1"), sha256: createHash("sha256") };
  let received = 0;
  const counted = async function* () {
    for await (const chunk of source) {
      for (const digest of Object.values(digests)) digest.update(chunk);
      received += chunk.byteLength;
      yield chunk;
    }
  };
  await (file.kind === "disk" ? receiveDisk(counted(), file) : receiveFile(counted(), file));
  return { sha1: digests.sha1.digest("hex"), sha256: digests.sha256.digest("hex"), sizeBytes: received };
}

async function receiveDisk(source: AsyncIterable<Uint8Array>, file: LeaseFile): Promise<void> {
  const { datastore, path: descriptorPath } = file.file;
  const { provisioning, adapterType } = file;
  await receiveStreamOptimized(source, { datastore, descriptorPath, provisioning, adapterType });
}

async function receiveFile(
  source: AsyncIterable<Uint8Array>,
  { file: { datastore, path } }: LeaseFile,
): Promise<void> {
  const handle = await open(datastore.localPath(path), "w");
  let written = 0;
  try {
    for await (const chunk of source) {
      written += chunk.byteLength;
      datastore.setAllocated(path, written);
      await handle.write(chunk);
    }
  } catch (error) {
    await handle.close();
    await datastore.remove(path);
    throw error;
  }
  await handle.close();
}
