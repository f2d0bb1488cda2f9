/** Delta disks: the changes since their parent was frozen. */
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

/** The most disks in a chain that a host accepts. */
export const MAX_CHAIN = 32;

/** The file with the changes of a delta disk: `vm/vm-000001.vmdk` → `vm/vm-000001-sesparse.vmdk`. */
function deltaPathOf(descriptorPath: string): string {
  return `${descriptorPath.replace(/\.vmdk$/, "")}-sesparse.vmdk`;
}

/**
 * Makes a disk with the same content as its parent, to which changes can be written.
 *
 * @throws DatastoreFileError if one of its files exists already, or the parent does not exist
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

/** Gives a disk a new content id, as the first write after opening does. Its children are broken then. */
export async function changeContentId({ datastore, path }: DatastoreFile): Promise<string> {
  const cid = randomBytes(4).toString("hex");
  const descriptor = await readDescriptor(datastore, path);
  await datastore.writeFile(path, formatDescriptor({ ...descriptor, cid }));
  return cid;
}

/** Makes a delta disk the child of another disk. The caller must know that their content fits. */
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
 * @returns the parent, which has a new content id then
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
