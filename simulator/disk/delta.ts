/** Delta disks: what changed since their parent was frozen. */
import { randomBytes } from "node:crypto";
import { DatastoreFileError } from "../datastore/datastore-file-error.ts";
import { type DatastoreFile, formatFile, nameFrom, type Volumes } from "../datastore/file.ts";
import { baseName } from "../datastore/path.ts";
import { readChain } from "./chain.ts";
import { deltaDescriptor, formatDescriptor } from "./descriptor.ts";
import { deleteDisk, readDescriptor } from "./disk.ts";
import { DiskFormatError } from "./disk-format-error.ts";
import { OpenDisk } from "./open-disk.ts";
import { SeSparse } from "./sparse/se-sparse.ts";

/** How many disks a chain may have before a host takes no more. */
export const MAX_CHAIN = 32;

/** Where the changes of a delta disk lie: `vm/vm-000001.vmdk` → `vm/vm-000001-sesparse.vmdk`. */
function deltaPathOf(descriptorPath: string): string {
  return `${descriptorPath.replace(/\.vmdk$/, "")}-sesparse.vmdk`;
}

/**
 * Makes a disk that reads as its parent does, and takes changes.
 *
 * @throws DatastoreFileError if one of its files is there already, or the parent is not
 * @throws DiskChainError if the parent cannot be opened
 */
export async function createDelta(
  volumes: Volumes,
  file: DatastoreFile,
  parent: DatastoreFile,
): Promise<void> {
  const { datastore, path } = file;
  const [top, ...others] = await readChain(volumes, parent);
  if (others.length + 2 > MAX_CHAIN) throw new DiskFormatError("too many levels of redo logs");
  const deltaPath = deltaPathOf(path);
  for (const one of [path, deltaPath]) {
    if (await datastore.exists(one))
      throw new DatastoreFileError("FileAlreadyExists", datastore.datastorePath(one));
  }
  const descriptor = deltaDescriptor({
    parent: top.descriptor,
    parentFile: nameFrom(file, parent),
    deltaFile: baseName(deltaPath),
  });
  await datastore.writeFile(path, formatDescriptor(descriptor));
  try {
    await SeSparse.create(datastore.localPath(deltaPath), descriptor.extents[0]?.capacityBytes ?? 0);
    await datastore.measure(deltaPath);
  } catch (error) {
    await deleteDisk(datastore, path);
    throw error;
  }
}

/** Gives a disk a new content id, as its first write after it was opened does: children of it are broken then. */
export async function changeContentId({ datastore, path }: DatastoreFile): Promise<string> {
  const cid = randomBytes(4).toString("hex");
  const descriptor = await readDescriptor(datastore, path);
  await datastore.writeFile(path, formatDescriptor({ ...descriptor, cid }));
  return cid;
}

/** Makes a delta disk the child of another disk, whose content the caller vouches for. */
export async function setParent(file: DatastoreFile, parent: DatastoreFile): Promise<void> {
  const descriptor = await readDescriptor(file.datastore, file.path);
  const { cid } = await readDescriptor(parent.datastore, parent.path);
  await file.datastore.writeFile(
    file.path,
    formatDescriptor({ ...descriptor, parentCid: cid, parentFile: nameFrom(file, parent) }),
  );
}

/**
 * Writes the changes of a delta disk into its parent, and removes the delta disk.
 *
 * @returns the parent, whose content id is another now
 * @throws DiskChainError, DiskFormatError
 */
export async function mergeDelta(volumes: Volumes, file: DatastoreFile): Promise<DatastoreFile> {
  const [, parent] = await readChain(volumes, file);
  if (parent === undefined) throw new DiskFormatError(`${formatFile(file)} has no parent`);
  const child = await OpenDisk.open(volumes, file);
  try {
    const into = await OpenDisk.open(volumes, parent.file, "r+");
    try {
      await child.mergeInto(into);
    } finally {
      await into.close();
    }
  } finally {
    await child.close();
  }
  await changeContentId(parent.file);
  await deleteDisk(file.datastore, file.path);
  return parent.file;
}
