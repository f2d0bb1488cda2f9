import { isBesideVm } from "../datastore/datastore-path.ts";
import { environmentFiles } from "../ovf-environment/iso-files.ts";
import { chainOf, disksAmong, folderText } from "../vm/reading/disk-chain.ts";
import type { ObservedVm } from "../vm/reading/observed-vm.ts";
import { disksOnDelete } from "../vm/settings/disk-labels.ts";
import type { FileUses } from "./file-uses.ts";
import { recordedDisks } from "./vmx-record.ts";

/**
 * Files of the disks of a machine and of its snapshots, each in the folder of its own disk. The chain of a linked clone
 * ends in the folder of its parent, and the files there are the parent's.
 */
export function ownDiskFiles(vm: ObservedVm, uses: FileUses): string[] {
  const chains = [...disksAmong(vm.devices).map(chainOf), ...uses.snapshotDisks(vm.moid)];
  return unique(
    chains.flatMap((chain) => {
      const folder = folderText(chain[0] ?? "");
      return chain.filter((file) => folderText(file) === folder);
    }),
  );
}

/** Which files of a machine are deleted with it. */
interface FilesOnDelete {
  /**
   * Files that are deleted: disks in its own folder, disks elsewhere that were made for it, disks in its record, and the
   * CD with its OVF environment.
   */
  readonly going: readonly string[];
  /** Disks of its snapshots that must stay, but that the host would delete with the snapshots. */
  readonly stuck: readonly string[];
}

export function filesOnDelete(vm: ObservedVm, uses: FileUses): FilesOnDelete {
  const isIn = (file: string) => isBesideVm(file, vm.vmxPath);
  const { staying, going: made } = disksOnDelete(vm);
  const kept = new Set(staying.flatMap(chainOf));
  const frozen = uses.snapshotDisks(vm.moid);
  const present = disksAmong(vm.devices).flatMap((disk) =>
    made.includes(disk) ? chainOf(disk) : chainOf(disk).filter(isIn),
  );
  const mayGo = [...present, ...frozen.flat().filter(isIn)].filter((file) => !kept.has(file));
  // A deletion that was killed has taken these out of the machine already. Its snapshots may still hold them.
  const going = unique([...mayGo, ...recordedDisks(vm)]);
  const stuck = frozen.flatMap(([disk]) => (disk === undefined || going.includes(disk) ? [] : [disk]));
  return { going: [...going, ...environmentFiles(vm)], stuck: unique(stuck) };
}

const unique = (files: readonly string[]): string[] => [...new Set(files)];
