import type { VirtualDisk } from "../../../schema/index.ts";
import { chainOf, disksAmong, folderText } from "../vm/reading/disk-chain.ts";
import type { ObservedVm } from "../vm/reading/observed-vm.ts";
import { disksOnDelete } from "../vm/settings/disk-labels.ts";

/**
 * Disks that deleting the VM must not delete: those that it was given, those that are to be kept, and those that are
 * not in its own folder, or build on one elsewhere, unless they were made for it.
 */
export function foreignDisks(vm: Pick<ObservedVm, "vmxPath" | "devices" | "extraConfig">): VirtualDisk[] {
  const { staying, going } = disksOnDelete(vm);
  const folder = folderText(vm.vmxPath);
  const isOwn = (file: string) => folder !== "" && file.startsWith(folder);
  return disksAmong(vm.devices).filter(
    (disk) => staying.includes(disk) || (!going.includes(disk) && !chainOf(disk).every(isOwn)),
  );
}
