import type { VirtualDevice, VirtualDisk } from "../../schema/index.ts";
import { isA } from "../vim/codec/objects.ts";

/** Files of a disk, from the one that is written to down to the last that it builds on, as the host spells them. */
export function chainOf(disk: VirtualDevice): string[] {
  const files: string[] = [];
  let backing: VirtualDevice["backing"] = disk.backing;
  while (isA(backing, "VirtualDeviceFileBackingInfo")) {
    files.push(backing.fileName);
    backing = (backing as { readonly parent?: VirtualDevice["backing"] }).parent;
  }
  return files;
}

export const disksAmong = (devices: readonly VirtualDevice[]): VirtualDisk[] =>
  devices.filter((device) => isA(device, "VirtualDisk"));

/** Where a host's spelling of a datastore path puts the folder: everything up to the last slash. */
export const folderText = (file: string): string => file.slice(0, file.lastIndexOf("/") + 1);
