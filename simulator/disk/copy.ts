/** Copies of disks: one file with everything that the guest sees, even if the source is a chain. */
import { open } from "node:fs/promises";
import type { DatastoreFile, Volumes } from "../datastore/file.ts";
import { createEmptyDisk, type DiskTarget, deleteDisk, flatPathOf } from "./disk.ts";
import { FlatWriter } from "./flat-writer.ts";
import { OpenDisk } from "./open-disk.ts";

/** VMFS gives a thin disk space in steps. A step with only zeros takes no space here. */
const PIECE_BYTES = 65_536;

/**
 * @param onProgress gets the percentage that is done, 0 to 100
 * @throws DatastoreFileError, DiskFormatError, DiskChainError, DatastoreFullError. Nothing of the copy is left then,
 * unless `keepsPartial`
 */
export async function copyDisk(
  volumes: Volumes,
  source: DatastoreFile,
  target: DiskTarget,
  onProgress: (percent: number) => void | Promise<void> = () => undefined,
  { keepsPartial = false }: { readonly keepsPartial?: boolean } = {},
): Promise<void> {
  const disk = await OpenDisk.open(volumes, source);
  try {
    const { datastore, descriptorPath } = target;
    await createEmptyDisk(target, disk.capacityBytes);
    try {
      await fill(disk, target, onProgress);
    } catch (cause) {
      if (!keepsPartial) await deleteDisk(datastore, descriptorPath);
      throw cause;
    }
  } finally {
    await disk.close();
  }
}

async function fill(
  disk: OpenDisk,
  { datastore, descriptorPath, provisioning }: DiskTarget,
  onProgress: (percent: number) => void | Promise<void>,
): Promise<void> {
  const flatPath = flatPathOf(descriptorPath);
  const file = await open(datastore.localPath(flatPath), "r+");
  const writer = new FlatWriter(file, (more) => {
    if (provisioning === "thin") datastore.allocate(flatPath, more);
  });
  let offset = 0;
  let told = -1;
  try {
    for await (const chunk of disk.chunks()) {
      for (let at = 0; at < chunk.length; at += PIECE_BYTES)
        await writer.write(offset + at, chunk.subarray(at, at + PIECE_BYTES));
      offset += chunk.length;
      const percent = Math.floor((offset * 100) / disk.capacityBytes);
      if (percent !== told) await onProgress(percent);
      told = percent;
    }
    await writer.finish();
  } finally {
    await writer.settle();
    await file.close();
  }
}
