/**
 * Virtual disks on a datastore: a descriptor `vm.vmdk`, and the bytes in `vm-flat.vmdk`, a sparse file of the disk's
 * size.
 */
import { randomBytes } from "node:crypto";
import { truncate, writeFile } from "node:fs/promises";
import type { Datastore } from "../datastore/datastore.ts";
import { DatastoreFileError } from "../datastore/datastore-file-error.ts";
import { parentFolder } from "../datastore/path.ts";
import {
  type DiskDescriptor,
  dashedUuid,
  diskCapacity,
  flatDescriptor,
  formatDescriptor,
  parseDescriptor,
} from "./descriptor.ts";
import { DiskFormatError } from "./disk-format-error.ts";

/** `thick` is VMware's "lazily zeroed": all space is taken, and zeroed at the first write. */
export type DiskProvisioning = "thin" | "thick" | "eagerZeroedThick";

export interface DiskTarget {
  readonly datastore: Datastore;
  /** Relative to the datastore's root, ending in `.vmdk`. */
  readonly descriptorPath: string;
  readonly provisioning: DiskProvisioning;
  /** `lsilogic`, `buslogic`, `pvscsi`, `ide`, … */
  readonly adapterType: string;
}

const MAX_DESCRIPTOR_BYTES = 65_536;

/**
 * Makes a disk with zeros.
 *
 * @throws DatastoreFileError if one of its files exists already, or its folder does not.
 * @throws DatastoreFullError if there is not enough space.
 */
export async function createEmptyDisk(target: DiskTarget, capacityBytes: number): Promise<DiskDescriptor> {
  const { datastore, descriptorPath, provisioning } = target;
  const flatPath = flatPathOf(descriptorPath);
  for (const path of [descriptorPath, flatPath]) {
    if (await datastore.exists(path))
      throw new DatastoreFileError("FileAlreadyExists", datastore.datastorePath(path));
  }
  const descriptor = flatDescriptor({
    capacityBytes,
    flatFile: flatPath.slice(flatPath.lastIndexOf("/") + 1),
    adapterType: target.adapterType,
    thin: provisioning === "thin",
    eagerZeroed: provisioning === "eagerZeroedThick",
  });
  await datastore.writeFile(descriptorPath, formatDescriptor(descriptor));
  try {
    datastore.allocate(flatPath, provisioning === "thin" ? 0 : capacityBytes);
    await writeFile(datastore.localPath(flatPath), "");
    await truncate(datastore.localPath(flatPath), capacityBytes);
  } catch (cause) {
    datastore.release(flatPath);
    await deleteDisk(datastore, descriptorPath);
    throw cause;
  }
  return descriptor;
}

/**
 * Reads the descriptor of a disk.
 *
 * @throws DatastoreFileError if the file is not there.
 * @throws DiskFormatError if it is no disk descriptor, for example a `-flat.vmdk`.
 */
export async function readDescriptor(datastore: Datastore, descriptorPath: string): Promise<DiskDescriptor> {
  const found = await datastore.find(descriptorPath);
  if (found?.kind === "file" && found.sizeBytes > MAX_DESCRIPTOR_BYTES) {
    throw new DiskFormatError("not a disk descriptor");
  }
  return parseDescriptor((await datastore.readFile(descriptorPath)).toString("utf8"));
}

/** Removes a disk's own files, never its parent's. Throws DatastoreFileError if the descriptor is not there. */
export async function deleteDisk(datastore: Datastore, descriptorPath: string): Promise<void> {
  const { extents } = await readDescriptor(datastore, descriptorPath);
  for (const { file } of extents) {
    const path = besideDescriptor(descriptorPath, file);
    if (await datastore.exists(path)) await datastore.remove(path);
    else datastore.release(path);
  }
  await datastore.remove(descriptorPath);
}

/**
 * Makes a disk larger. The new space has zeros.
 *
 * @throws RangeError if the disk has that size already.
 * @throws DatastoreFullError if there is not enough space.
 */
export async function extendDisk(
  datastore: Datastore,
  descriptorPath: string,
  capacityBytes: number,
): Promise<void> {
  const descriptor = await readDescriptor(datastore, descriptorPath);
  const [extent, ...others] = descriptor.extents;
  const more = capacityBytes - diskCapacity(descriptor);
  if (more <= 0)
    throw new RangeError(`${datastore.datastorePath(descriptorPath)} has ${capacityBytes} bytes or more.`);
  if (extent?.type !== "VMFS" || others.length > 0)
    throw new DiskFormatError("a delta disk cannot be extended");
  const flatPath = besideDescriptor(descriptorPath, extent.file);
  if (!descriptor.thin) datastore.allocate(flatPath, more);
  await truncate(datastore.localPath(flatPath), capacityBytes);
  const extents = [{ ...extent, capacityBytes }];
  // Children were made of the old disk, so they are broken now.
  const cid = randomBytes(4).toString("hex");
  await datastore.writeFile(descriptorPath, formatDescriptor({ ...descriptor, extents, cid }));
}

export function provisioningOf({ thin, eagerZeroed }: DiskDescriptor): DiskProvisioning {
  if (thin) return "thin";
  return eagerZeroed ? "eagerZeroedThick" : "thick";
}

/** The file with the bytes of a disk: `vm/vm.vmdk` → `vm/vm-flat.vmdk`. */
export function flatPathOf(descriptorPath: string): string {
  return `${descriptorPath.replace(/\.vmdk$/, "")}-flat.vmdk`;
}

/** Takes the whole space of a thin disk. @throws DatastoreFullError if there is not enough */
export async function inflateDisk(datastore: Datastore, descriptorPath: string): Promise<void> {
  const descriptor = await readDescriptor(datastore, descriptorPath);
  const [extent] = descriptor.extents;
  if (extent?.type !== "VMFS") throw new DiskFormatError("a delta disk cannot be inflated");
  datastore.setAllocated(besideDescriptor(descriptorPath, extent.file), diskCapacity(descriptor));
  await datastore.writeFile(
    descriptorPath,
    formatDescriptor({ ...descriptor, thin: false, eagerZeroed: true }),
  );
}

export async function setDiskUuid(datastore: Datastore, descriptorPath: string, uuid: string): Promise<void> {
  const descriptor = await readDescriptor(datastore, descriptorPath);
  await datastore.writeFile(descriptorPath, formatDescriptor({ ...descriptor, uuid: dashedUuid(uuid) }));
}

/** The path of a file that a descriptor names. */
export function besideDescriptor(descriptorPath: string, file: string): string {
  const folder = parentFolder(descriptorPath);
  return folder === "" ? file : `${folder}/${file}`;
}
