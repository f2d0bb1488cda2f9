/**
 * Renaming a disk: its descriptor and the files that the descriptor names. Its children do not find it any more then.
 */
import { DatastoreFileError } from "../datastore/datastore-file-error.ts";
import { type DatastoreFile, formatFile, namedFile, nameFrom, type Volumes } from "../datastore/file.ts";
import { baseName } from "../datastore/path.ts";
import { copyDisk } from "./copy.ts";
import { formatDescriptor } from "./descriptor.ts";
import { besideDescriptor, deleteDisk, provisioningOf, readDescriptor } from "./disk.ts";

/** @throws DatastoreFileError if there is no such disk, or there is one with the new name */
export async function moveDisk(volumes: Volumes, from: DatastoreFile, to: DatastoreFile): Promise<void> {
  const descriptor = await readDescriptor(from.datastore, from.path);
  if (from.datastore !== to.datastore) {
    const { adapterType } = descriptor;
    await copyDisk(volumes, from, {
      datastore: to.datastore,
      descriptorPath: to.path,
      provisioning: provisioningOf(descriptor),
      adapterType,
    });
    await deleteDisk(from.datastore, from.path);
    return;
  }
  const { datastore } = to;
  if (await datastore.exists(to.path)) throw new DatastoreFileError("FileAlreadyExists", formatFile(to));
  const stem = (path: string): string => baseName(path).replace(/\.vmdk$/, "");
  const extents = descriptor.extents.map((extent) => ({
    ...extent,
    file: extent.file.startsWith(stem(from.path))
      ? stem(to.path) + extent.file.slice(stem(from.path).length)
      : extent.file,
  }));
  const { parentFile } = descriptor;
  const moved = {
    ...descriptor,
    extents,
    parentFile: parentFile === undefined ? undefined : nameFrom(to, namedFile(volumes, from, parentFile)),
  };
  // The step that may fail for lack of space comes first.
  await datastore.writeFile(to.path, formatDescriptor(moved));
  for (const [index, extent] of extents.entries()) {
    const old = besideDescriptor(from.path, descriptor.extents[index]?.file ?? "");
    await datastore.move(old, besideDescriptor(to.path, extent.file));
  }
  await datastore.remove(from.path);
}
