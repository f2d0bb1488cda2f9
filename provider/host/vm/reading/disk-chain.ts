import type { VirtualDevice, VirtualDeviceFileBackingInfo, VirtualDisk } from "../../../../schema/index.ts";
import { isA } from "../../../vim/codec/objects.ts";

type Backing = VirtualDevice["backing"];

/** The files of a disk, from the one that is written to down to the last one that it builds on. */
export function backingsOf(disk: VirtualDevice): VirtualDeviceFileBackingInfo[] {
  const backings: VirtualDeviceFileBackingInfo[] = [];
  let backing: Backing = disk.backing;
  while (isA(backing, "VirtualDeviceFileBackingInfo")) {
    backings.push(backing);
    backing = (backing as { readonly parent?: Backing }).parent;
  }
  return backings;
}

/** Files of a disk, in that order, as the host spells them. */
export const chainOf = (disk: VirtualDevice): string[] => backingsOf(disk).map(({ fileName }) => fileName);

export const disksAmong = (devices: readonly VirtualDevice[]): VirtualDisk[] =>
  devices.filter((device) => isA(device, "VirtualDisk"));

/** Where a host's spelling of a datastore path puts the folder: everything up to the last slash. */
export const folderText = (file: string): string => file.slice(0, file.lastIndexOf("/") + 1);
