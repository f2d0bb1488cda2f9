import type { VirtualController, VirtualDevice } from "../../../schema/index.ts";
import { isA } from "../../vim/codec/objects.ts";
import { chainOf, disksAmong } from "../disk-chain.ts";

const CONTROLLERS = {
  pvscsi: "ParaVirtualSCSIController",
  lsilogic: "VirtualLsiLogicController",
  "lsilogic-sas": "VirtualLsiLogicSASController",
  buslogic: "VirtualBusLogicController",
  sata: "VirtualAHCIController",
  nvme: "VirtualNVMEController",
  ide: "VirtualIDEController",
} as const;
type ControllerType = keyof typeof CONTROLLERS;

/** A disk of a virtual machine, and where it is plugged in. */
export interface ObservedDisk {
  /** As the host's client shows it: `Hard disk 1`. */
  readonly label: string;
  readonly sizeBytes: number;
  /** Datastore path of the descriptor that is written to. */
  readonly file: string;
  readonly controller: ControllerType | "other";
  /** Number of the controller among those of its kind of bus. */
  readonly bus: number;
  readonly unit: number;
}

/** The disks among a machine's devices, in their order. */
export function observedDisks(devices: readonly VirtualDevice[]): ObservedDisk[] {
  return disksAmong(devices).map((disk) => {
    const controller = devices.find(
      (device): device is VirtualController =>
        device.key === disk.controllerKey && isA(device, "VirtualController"),
    );
    return {
      label: disk.deviceInfo?.label ?? "",
      sizeBytes: disk.capacityInBytes ?? disk.capacityInKB * 1024,
      file: chainOf(disk)[0] ?? "",
      controller: typeOf(controller),
      bus: controller?.busNumber ?? 0,
      unit: disk.unitNumber ?? 0,
    };
  });
}

function typeOf(controller: VirtualController | undefined): ObservedDisk["controller"] {
  const types = Object.keys(CONTROLLERS) as ControllerType[];
  return types.find((type) => isA(controller, CONTROLLERS[type])) ?? "other";
}
