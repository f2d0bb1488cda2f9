/** The files that running VMs lock: their own disks for writing, the parents of these for reading. */
import { type DatastoreFile, sameFile } from "../../datastore/file.ts";
import { parentFolder } from "../../datastore/path.ts";
import type { DiskLock } from "../device/context.ts";

/** The part of a VM that matters for its locks. */
export interface Holder {
  readonly powerState: string;
  readonly vmxFile: DatastoreFile;
  readonly ownDisks: readonly DatastoreFile[];
  readonly parentDisks: readonly DatastoreFile[];
}

/** @param file a disk's descriptor, or one of the files with its bytes */
export function lockOf(vms: readonly Holder[], file: DatastoreFile): DiskLock | undefined {
  const disk = { ...file, path: file.path.replace(/-(flat|sesparse)\.vmdk$/, ".vmdk") };
  let lock: DiskLock | undefined;
  for (const vm of vms) {
    if (vm.powerState !== "poweredOn") continue;
    if (vm.ownDisks.some((one) => sameFile(one, disk))) return "exclusive";
    if (vm.parentDisks.some((one) => sameFile(one, disk))) lock = "shared";
  }
  return lock;
}

/** True if a running VM locks the file, or something in the folder. */
export function holdsBelow(vms: readonly Holder[], { datastore, path }: DatastoreFile): boolean {
  if (lockOf(vms, { datastore, path }) !== undefined) return true;
  return vms
    .filter((vm) => vm.powerState === "poweredOn")
    .flatMap((vm) => [vm.vmxFile, ...vm.ownDisks, ...vm.parentDisks])
    .some((file) => file.datastore === datastore && isBelow(file.path, path));
}

function isBelow(file: string, path: string): boolean {
  return file === path || `${parentFolder(file)}/`.startsWith(`${path}/`);
}
