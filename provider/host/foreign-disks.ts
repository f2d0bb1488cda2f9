import type { VirtualDevice } from "../../schema/index.ts";
import { isA } from "../vim/codec/objects.ts";
import type { ObservedVm } from "./observed-vm.ts";

/** Disks that are not in the VM's own folder, or that build on one elsewhere: deleting the VM must not delete them. */
export function foreignDisks(vm: Pick<ObservedVm, "vmxPath" | "devices">): VirtualDevice[] {
  const folder = vm.vmxPath.slice(0, vm.vmxPath.lastIndexOf("/") + 1);
  const isOwn = (file: string) => folder !== "" && file.startsWith(folder);
  return vm.devices.filter((device) => isA(device, "VirtualDisk") && !filesOf(device.backing).every(isOwn));
}

/** The disk's file and those of the disks that it builds on. */
function filesOf(backing: VirtualDevice["backing"]): string[] {
  if (!isA(backing, "VirtualDeviceFileBackingInfo")) return [];
  const { parent } = backing as { readonly parent?: VirtualDevice["backing"] };
  return [backing.fileName, ...filesOf(parent)];
}
