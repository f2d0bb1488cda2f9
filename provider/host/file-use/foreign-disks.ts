import type { VirtualDisk } from "../../../schema/index.ts";
import { chainOf, disksAmong, folderText } from "../vm/reading/disk-chain.ts";
import type { ObservedVm } from "../vm/reading/observed-vm.ts";
import { disksOnDelete } from "../vm/settings/disk-labels.ts";

/**
 * Disks that must stay when the VM is deleted: disks that it was given, disks that are to be kept, and disks that are
 * not in its own folder, or build on one elsewhere. Disks elsewhere that were made for it do not count.
 */
export function foreignDisks(vm: Pick<ObservedVm, "vmxPath" | "devices" | "extraConfig">): VirtualDisk[] {
  const { staying, going } = disksOnDelete(vm);
  const folder = folderText(vm.vmxPath);
  const isOwn = (file: string) => folder !== "" && file.startsWith(folder);
  return disksAmong(vm.devices).filter(
    (disk) => staying.includes(disk) || (!going.includes(disk) && !chainOf(disk).every(isOwn)),
  );
}
