import type { VirtualDevice } from "../../../schema/index.ts";
import { chainOf, disksAmong } from "../vm/reading/disk-chain.ts";
import { type DiskController, slotOf } from "../vm/settings/buses.ts";

/** A disk of a virtual machine, and where it is plugged in. */
export interface ObservedDisk {
  /** As the host's client shows it: `Hard disk 1`. */
  readonly label: string;
  readonly sizeBytes: number;
  /** Datastore path of the descriptor that is written to. */
  readonly file: string;
  /** Undefined for a kind of controller that this package does not make. */
  readonly controller: DiskController | undefined;
  readonly busNumber: number | undefined;
  readonly unitNumber: number | undefined;
}

/** The disks among a machine's devices, in their order. */
export function observedDisks(devices: readonly VirtualDevice[]): ObservedDisk[] {
  return disksAmong(devices).map((disk) => {
    const slot = slotOf(devices, disk);
    return {
      label: disk.deviceInfo?.label ?? "",
      sizeBytes: disk.capacityInBytes ?? disk.capacityInKB * 1024,
      file: chainOf(disk)[0] ?? "",
      controller: slot?.kind,
      busNumber: slot?.bus,
      unitNumber: slot?.unit,
    };
  });
}
