/** The files of a VM: its own in its folder, and those of all its disks and of its snapshots' disks, in any folder. */
import type {
  VirtualMachineFileLayoutEx,
  VirtualMachineFileLayoutExDiskLayout,
} from "../../../schema/index.ts";
import { snapshotRef } from "../../core/ids.ts";
import { type DatastoreFile, formatFile, sameFile } from "../../datastore/file.ts";
import { parentFolder } from "../../datastore/path.ts";
import { readDescriptor } from "../../disk/disk.ts";
import { slotKey, slotOfName } from "../device/bus.ts";
import type { SnapshotTree } from "../snapshot/tree.ts";
import { isOwnFile } from "./own-files.ts";

export interface VmFile {
  /** Datastore path. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly allocatedBytes: number;
}

/** A disk in a slot, with all the disks on which it builds. */
interface SlotChain {
  /** `scsi0:0` */
  readonly slot: string;
  /** The disk itself first. */
  readonly files: readonly DatastoreFile[];
}

/** The disks of a VM. */
export interface VmChains {
  readonly present: readonly SlotChain[];
  readonly snapshots: readonly { readonly id: number; readonly disks: readonly SlotChain[] }[];
}

/** The part of a VM that matters for its files. */
interface FiledVm {
  readonly moid: string;
  readonly folder: DatastoreFile;
  /** File name of the `.vmx` without its ending. */
  readonly baseName: string;
  /** As of the last look at them. */
  readonly files: readonly VmFile[];
  readonly snapshots: SnapshotTree;
}

/** The files of the VM as they are now. Files that are not there are left out. */
export async function readFiles(
  vm: Pick<FiledVm, "folder" | "baseName">,
  { present, snapshots }: VmChains,
): Promise<VmFile[]> {
  const { datastore, path } = vm.folder;
  const entries = await datastore.list(path).catch(() => []);
  const own = entries
    .filter((entry) => entry.kind === "file" && isOwnFile(vm.baseName, entry.name))
    .map((entry) => ({ ...entry, name: datastore.datastorePath(`${path}/${entry.name}`) }));
  const chains = [...present, ...snapshots.flatMap(({ disks }) => disks)];
  const disks = chains.flatMap(({ files }) => files);
  const distinct = disks.filter((file, index) => disks.findIndex((one) => sameFile(one, file)) === index);
  return [...own, ...(await Promise.all(distinct.map(filesOf))).flat()];
}

/** The files as the API shows them, and which of them belong to which disk. */
export function layoutEx(vm: FiledVm, { present, snapshots }: VmChains): VirtualMachineFileLayoutEx {
  const keyOf = (name: string): number => vm.files.findIndex((file) => file.name === name);
  const unit = (file: DatastoreFile) => {
    const descriptor = formatFile(file);
    const stem = descriptor.replace(/\.vmdk$/, "");
    const names = [descriptor, `${stem}-flat.vmdk`, `${stem}-sesparse.vmdk`];
    return { fileKey: names.map(keyOf).filter((key) => key >= 0) };
  };
  const disksOf = (chains: readonly SlotChain[]): VirtualMachineFileLayoutExDiskLayout[] =>
    chains.map(({ slot, files }) => ({
      key: keyOfSlot(slot),
      // The lowest base comes first.
      chain: [...files].reverse().map(unit),
    }));
  return {
    file: vm.files.map(({ name, sizeBytes, allocatedBytes }, key) => ({
      key,
      name,
      type: FILE_TYPES.find(([pattern]) => pattern.test(name))?.[1] ?? "log",
      size: sizeBytes,
      uniqueSize: allocatedBytes,
      accessible: true,
    })),
    disk: disksOf(present),
    snapshot: snapshots.map(({ id, disks }) => {
      const file = vm.snapshots.list.find((one) => one.id === id)?.file ?? "";
      const path = `${vm.folder.path}/${file}`;
      return {
        key: snapshotRef(vm, id),
        dataKey: keyOf(vm.folder.datastore.datastorePath(path)),
        memoryKey: keyOf(vm.folder.datastore.datastorePath(path.replace(/\.vmsn$/, ".vmem"))),
        disk: disksOf(disks),
      };
    }),
    timestamp: new Date(0).toISOString(),
  };
}

const FILE_TYPES: readonly (readonly [pattern: RegExp, type: string])[] = [
  [/\.vmx$/, "config"],
  [/\.vmxf$/, "extendedConfig"],
  [/\.nvram$/, "nvram"],
  [/\.vmsd$/, "snapshotList"],
  [/\.vmsn$/, "snapshotData"],
  [/\.vmem$/, "snapshotMemory"],
  [/\.vmss$/, "suspend"],
  [/\.vswp$/, "swap"],
  [/-(flat|sesparse)\.vmdk$/, "diskExtent"],
  [/\.vmdk$/, "diskDescriptor"],
];

function keyOfSlot(name: string): number {
  const slot = slotOfName(name);
  return slot === undefined ? -1 : slotKey(slot);
}

/** A disk's descriptor, and the files with its bytes. */
async function filesOf(disk: DatastoreFile): Promise<VmFile[]> {
  const { datastore, path } = disk;
  const descriptor = await readDescriptor(datastore, path).catch(() => undefined);
  const extents = (descriptor?.extents ?? []).map(({ file }) => `${parentFolder(path)}/${file}`);
  const found = await Promise.all(
    [path, ...extents].map(async (each) => ({ each, entry: await datastore.find(each) })),
  );
  return found.flatMap(({ each, entry }) =>
    entry?.kind === "file" ? [{ ...entry, name: datastore.datastorePath(each) }] : [],
  );
}
