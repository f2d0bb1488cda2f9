import type { VirtualDevice } from "../../../schema/index.ts";
import { isA } from "../../vim/codec/objects.ts";
import {
  type DatastorePath,
  folderOf,
  isDatastorePath,
  parseDatastorePath,
  pathOnUnnamed,
} from "../datastore/datastore-path.ts";
import { chainOf, disksAmong } from "../vm/reading/disk-chain.ts";
import { isReadable, type SeenVm } from "../vm/reading/vm-snapshot-read.ts";
import { isBelow, spelled } from "./file-names.ts";

/** A machine that needs a file. */
export interface FileUse {
  readonly moid: string;
  readonly name: string;
  /**
   * `device`: one of its devices has the file now. `base`: one of its disks builds on it. `snapshot`: one of its
   * snapshots does one or the other. `own`: the host lists it among the machine's files.
   */
  readonly as: "device" | "base" | "snapshot" | "own";
  /** True for a machine that is powered off, because it has no file open. */
  readonly isOff: boolean;
  /** For an unreadable machine: whether one of its disks was seen to build on the file, or may do so unseen. */
  readonly unread?: "seen" | "unseen" | undefined;
  /** True for a machine that is in no inventory of this host. Its name is its .vmx file then. */
  readonly unregistered?: true | undefined;
}

/** What the host says of a machine's files, besides its present devices. */
export interface Layout {
  readonly files: readonly string[] | undefined;
  readonly snapshotDevices: readonly VirtualDevice[];
}

/** What was found of the disks of an unreadable machine, and of those on which they build. */
export interface BasesOfUnreadable {
  /** Its disks on other datastores than its own. */
  readonly elsewhere: readonly string[];
  /** Files that its disks name as their parents. */
  readonly files: readonly BaseOfUnreadable[];
  /** Datastores that could not be looked into, though disks of the machine may be there. */
  readonly unseen: readonly string[];
}

export interface BaseOfUnreadable {
  /** Undefined if a disk names a volume that the host does not have. */
  readonly datastore: string | undefined;
  readonly path: string;
}

/** What one machine needs. */
export interface VmUses {
  /** How it needs each file. The key is the file in the spelling of {@link spelled}. */
  readonly files: ReadonlyMap<string, readonly FileUse[]>;
  /**
   * Whether a file or folder is in the folder of a machine whose needs are unknown. With `orHold`, a folder above that
   * one counts too.
   */
  readonly mayLieIn: (place: DatastorePath, orHold: boolean) => boolean;
  readonly use: Omit<FileUse, "as">;
  /** How a disk of an unreadable machine builds on that file, or on one in that folder. */
  readonly buildsOn: (place: DatastorePath, isFolder: boolean) => FileUse["unread"];
  /** For each of its snapshots, the files of its disks: first the frozen disk, last the lowest base. */
  readonly frozen: readonly (readonly string[])[];
}

/**
 * @param layout What the host says of its files besides its devices. A machine that has just come may have none.
 * @param bases For an unreadable machine.
 */
export function usesOfVm(vm: SeenVm, layout: Layout | undefined, bases?: BasesOfUnreadable): VmUses {
  const { moid, name, vmxPath } = vm;
  const use = { moid, name, isOff: isReadable(vm) && vm.powerState === "poweredOff" };
  const uses = new Map<string, FileUse[]>();
  const add = (file: string, as: FileUse["as"]) => {
    const before = uses.get(spelled(file)) ?? [];
    if (!before.some((known) => known.as === as)) before.push({ ...use, as });
    uses.set(spelled(file), before);
  };
  if (!isReadable(vm)) {
    for (const file of [...(vm.files ?? []), ...(bases?.elsewhere ?? [])]) add(file, "own");
    // Its devices are unknown, so every file beside it may belong to it.
    const folder = vmxPath === undefined ? undefined : homeOf(vmxPath);
    const mayLieIn: VmUses["mayLieIn"] = (place, orHold) =>
      folder !== undefined &&
      (isBelow(place, on(folder, place)) || (orHold && isBelow(on(folder, place), place)));
    return {
      files: uses,
      mayLieIn,
      use,
      frozen: [],
      buildsOn: (place, isFolder) => builds(bases, place, isFolder),
    };
  }
  const addDevices = (devices: readonly VirtualDevice[], isNow: boolean) => {
    for (const file of devices.flatMap(mediumOf)) add(file, isNow ? "device" : "snapshot");
    for (const [depth, file] of disksAmong(devices).flatMap((disk) => [...chainOf(disk).entries()])) {
      const as = depth === 0 ? "device" : "base";
      add(file, isNow ? as : "snapshot");
    }
  };
  const { files = [], snapshotDevices = [] } = layout ?? {};
  add(vm.vmxPath, "own");
  addDevices(vm.devices, true);
  addDevices(snapshotDevices, false);
  for (const file of files) {
    // A file that no device has now belongs to a snapshot.
    if (!uses.has(spelled(file))) add(file, snapshotDevices.length > 0 ? "snapshot" : "own");
  }
  const frozen = disksAmong(snapshotDevices).map(chainOf);
  return { files: uses, mayLieIn: () => false, use, frozen, buildsOn: () => undefined };
}

function builds(
  { files = [], unseen = [] }: Partial<BasesOfUnreadable> = {},
  place: DatastorePath,
  isFolder: boolean,
): FileUse["unread"] {
  const isMeant = (file: DatastorePath) => (isFolder ? isBelow(file, place) : isBelow(place, file));
  if (files.some((file) => isMeant(on(file, place)))) return "seen";
  const mayBe = isFolder || place.path.endsWith(".vmdk");
  return mayBe && unseen.includes(place.datastore) ? "unseen" : undefined;
}

/** A folder on a datastore. Without a datastore, the folder may be on any. */
type Home = Omit<DatastorePath, "datastore"> & { readonly datastore: string | undefined };

/** The folder of a `.vmx`, even if the host knows its volume only by a number. */
export function homeOf(vmxPath: string): Home | undefined {
  const path = pathOnUnnamed(vmxPath);
  if (path !== undefined) return { ...folderOf({ datastore: "", path }), datastore: undefined };
  return isDatastorePath(vmxPath) ? folderOf(parseDatastorePath(vmxPath)) : undefined;
}

const on = ({ datastore, path }: Home, place: DatastorePath): DatastorePath => ({
  datastore: datastore ?? place.datastore,
  path,
});

/** The file of a device that is no disk: the image in a drive, or the output of a serial port. */
function mediumOf(device: VirtualDevice): string[] {
  const { backing } = device;
  if (isA(device, "VirtualDisk") || !isA(backing, "VirtualDeviceFileBackingInfo")) return [];
  return backing.fileName === "" ? [] : [backing.fileName];
}
