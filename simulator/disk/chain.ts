/** A disk and its parents, which are checked when the disk is opened. */
import { DatastoreFileError } from "../datastore/datastore-file-error.ts";
import { DatastorePathError } from "../datastore/datastore-path-error.ts";
import { type DatastoreFile, formatFile, namedFile, type Volumes } from "../datastore/file.ts";
import type { DiskDescriptor } from "./descriptor.ts";
import { deleteDisk, readDescriptor } from "./disk.ts";
import { DiskChainError } from "./disk-chain-error.ts";
import { DiskFormatError } from "./disk-format-error.ts";

/** One disk of a chain. */
export interface ChainLink {
  readonly file: DatastoreFile;
  readonly descriptor: DiskDescriptor;
}

/** More links than any host opens. A longer chain leads back to itself. */
const MAX_LINKS = 256;

/**
 * The disk itself first, its lowest base last.
 *
 * @throws DatastoreFileError, DiskFormatError if the disk itself cannot be read
 * @throws DiskChainError if a parent is gone, or was written to since its child was made
 */
export async function readChain(volumes: Volumes, file: DatastoreFile): Promise<[ChainLink, ...ChainLink[]]> {
  const leaf: ChainLink = { file, descriptor: await readDescriptor(file.datastore, file.path) };
  const chain: [ChainLink, ...ChainLink[]] = [leaf];
  for (let link = leaf; link.descriptor.parentFile !== undefined; ) {
    const parent = await openParent(volumes, file, link, link.descriptor.parentFile);
    if (parent.descriptor.cid !== link.descriptor.parentCid || chain.length >= MAX_LINKS)
      throw new DiskChainError("parentModified", formatFile(file), formatFile(parent.file));
    chain.push(parent);
    link = parent;
  }
  return chain;
}

/** The files of a disk and of its parents that exist, in whatever state. The disk itself comes first. */
export async function chainFiles(volumes: Volumes, file: DatastoreFile): Promise<DatastoreFile[]> {
  const files: DatastoreFile[] = [];
  for (let at: DatastoreFile | undefined = file; at !== undefined && files.length < MAX_LINKS; ) {
    files.push(at);
    at = await parentOf(volumes, at);
  }
  return files;
}

/** Removes a disk with all its parents, up to the first one that is kept. */
export async function deleteChain(
  volumes: Volumes,
  file: DatastoreFile,
  keep: (file: DatastoreFile) => boolean,
): Promise<void> {
  for (const one of await chainFiles(volumes, file)) {
    if (keep(one) || !(await one.datastore.exists(one.path))) return;
    await deleteDisk(one.datastore, one.path);
  }
}

async function parentOf(volumes: Volumes, file: DatastoreFile): Promise<DatastoreFile | undefined> {
  try {
    const { parentFile } = await readDescriptor(file.datastore, file.path);
    return parentFile === undefined ? undefined : namedFile(volumes, file, parentFile);
  } catch {
    return undefined;
  }
}

async function openParent(
  volumes: Volumes,
  disk: DatastoreFile,
  child: ChainLink,
  name: string,
): Promise<ChainLink> {
  try {
    const file = namedFile(volumes, child.file, name);
    return { file, descriptor: await readDescriptor(file.datastore, file.path) };
  } catch (error) {
    if (error instanceof DatastoreFileError || error instanceof DatastorePathError)
      throw new DiskChainError("parentMissing", formatFile(disk), name);
    if (error instanceof DiskFormatError)
      throw new DiskChainError("parentUnreadable", formatFile(disk), name);
    throw error;
  }
}
