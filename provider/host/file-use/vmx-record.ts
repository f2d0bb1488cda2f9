import {
  type DatastorePath,
  folderOf,
  formatDatastorePath,
  inFolder,
  isDatastorePath,
  isInFolder,
  parseDatastorePath,
} from "../datastore/datastore-path.ts";
import { chainOf, disksAmong } from "../vm/reading/disk-chain.ts";
import type { ObservedVm } from "../vm/reading/observed-vm.ts";
import { isOwnElsewhere } from "./own-elsewhere.ts";

/**
 * The advanced setting that lists disks which belong to a machine although it does not have them: disks that are being
 * made for it, and removed disks that are still to be deleted. A killed run leaves it, and the next run finishes the
 * work.
 */
export const RECORD_KEY = "pulumi-esxi-direct.disks";

export const writtenRecord = (files: readonly string[]): string => files.join("\n");

/**
 * The disks in a machine's record that it does not have, as datastore paths. Only disks in the machine's own folder are
 * believed, and disks with its name in the folder of that name on another datastore, with those of their snapshots.
 * Everybody who can change the machine's settings can write anything there.
 */
export function recordedDisks(vm: ObservedVm): string[] {
  const vmx = parseDatastorePath(vm.vmxPath);
  const attached = new Set(disksAmong(vm.devices).flatMap(chainOf));
  const lines = (vm.extraConfig.get(RECORD_KEY) ?? "").split("\n").filter((line) => line.endsWith(".vmdk"));
  // Earlier releases wrote only names.
  const listed = lines.map((line) =>
    isDatastorePath(line) ? parseDatastorePath(line) : inFolder(folderOf(vmx), line),
  );
  const own = new Set(listed.filter((file) => mayBeOwn(file, vmx)).map(formatDatastorePath));
  const files = listed.flatMap((file) => {
    // A snapshot's disk is beside the one that it builds on.
    const disk = { ...file, path: file.path.replace(/-\d{6}\.vmdk$/, ".vmdk") };
    return own.has(formatDatastorePath(file)) || own.has(formatDatastorePath(disk))
      ? [formatDatastorePath(file)]
      : [];
  });
  return [...new Set(files)].filter((file) => !attached.has(file));
}

function mayBeOwn(file: DatastorePath, vmx: DatastorePath): boolean {
  const [folder, own] = [folderOf(file), folderOf(vmx)];
  if (isInFolder(file, own)) return folder.path === own.path;
  return isOwnElsewhere(formatDatastorePath(file), formatDatastorePath(vmx));
}
