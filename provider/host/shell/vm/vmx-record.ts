import {
  type DatastorePath,
  folderOf,
  formatDatastorePath,
  inFolder,
  isDatastorePath,
  isInFolder,
  parseDatastorePath,
} from "../../datastore/datastore-path.ts";
import { isOwnElsewhere } from "../../file-use/own-elsewhere.ts";
import { chainOf, disksAmong } from "../../vm/reading/disk-chain.ts";
import type { ObservedVm } from "../../vm/reading/observed-vm.ts";

/**
 * The advanced setting that lists disks which belong to a machine although it does not have them: disks that are being
 * made for it, and removed disks that are still to be deleted. A killed run leaves it, and the next run finishes the
 * work.
 */
export const RECORD_KEY = "pulumi-esxi-direct.disks";

export const writtenRecord = (files: readonly string[]): string => files.join("\n");

/**
 * The disks in a machine's record that it does not have, as datastore paths. Only disks in the machine's own folder are
 * believed, and disks with its name in the folder of that name on another datastore. Everybody who can change the
 * machine's settings can write anything there.
 */
export function recordedDisks(vm: ObservedVm): string[] {
  const vmx = parseDatastorePath(vm.vmxPath);
  const attached = new Set(disksAmong(vm.devices).flatMap(chainOf));
  const lines = (vm.extraConfig.get(RECORD_KEY) ?? "").split("\n").filter((line) => line.endsWith(".vmdk"));
  const files = lines.flatMap((line) => {
    // Earlier releases wrote only names.
    const file = isDatastorePath(line) ? parseDatastorePath(line) : inFolder(folderOf(vmx), line);
    return mayBeOwn(file, vmx) ? [formatDatastorePath(file)] : [];
  });
  return [...new Set(files)].filter((file) => !attached.has(file));
}

function mayBeOwn(file: DatastorePath, vmx: DatastorePath): boolean {
  const [folder, own] = [folderOf(file), folderOf(vmx)];
  if (isInFolder(file, own)) return folder.path === own.path;
  return isOwnElsewhere(formatDatastorePath(file), formatDatastorePath(vmx));
}
