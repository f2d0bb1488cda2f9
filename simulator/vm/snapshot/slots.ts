/** The disks of a VM that snapshots freeze. */
import { slotName, usedSlots } from "../device/bus.ts";
import { diskMode, isDisk } from "../device/virtual-disk.ts";
import type { Vmx } from "../vmx.ts";

/** Names of the slots of all disks that are not independent. */
export function snapshotSlots(vmx: Vmx): string[] {
  return diskSlots(vmx).filter((slot) => !isIndependent(vmx, slot));
}

export function hasIndependentDisk(vmx: Vmx): boolean {
  return diskSlots(vmx).some((slot) => isIndependent(vmx, slot));
}

function isIndependent(vmx: Vmx, slot: string): boolean {
  return diskMode(vmx, slot).startsWith("independent");
}

function diskSlots(vmx: Vmx): string[] {
  return usedSlots(vmx)
    .filter((slot) => isDisk(vmx, slot))
    .map(slotName);
}
