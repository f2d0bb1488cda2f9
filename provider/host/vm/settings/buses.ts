import type { VirtualController, VirtualDevice } from "../../../../schema/index.ts";
import { create, isA } from "../../../vim/codec/objects.ts";

/** Kinds of controllers that a disk can be attached to, under their usual names. */
export const DISK_CONTROLLERS = [
  "pvscsi",
  "lsilogic",
  "lsilogic-sas",
  "buslogic",
  "sata",
  "nvme",
  "ide",
] as const;
export type DiskController = (typeof DISK_CONTROLLERS)[number];

export type BusFamily = "scsi" | "sata" | "nvme" | "ide";

interface Bus {
  /** How many controllers of the family a machine can have. */
  readonly controllers: number;
  /** How many units one controller has. */
  readonly units: number;
  /** The unit number that the controller itself takes. */
  readonly reserved?: number;
}

/** The same on all hosts from 6.5 on. */
export const BUSES: Readonly<Record<BusFamily, Bus>> = {
  scsi: { controllers: 4, units: 16, reserved: 7 },
  sata: { controllers: 4, units: 30 },
  nvme: { controllers: 4, units: 15 },
  ide: { controllers: 2, units: 2 },
};

const TYPES = {
  pvscsi: "ParaVirtualSCSIController",
  lsilogic: "VirtualLsiLogicController",
  "lsilogic-sas": "VirtualLsiLogicSASController",
  buslogic: "VirtualBusLogicController",
  sata: "VirtualSATAController",
  nvme: "VirtualNVMEController",
  ide: "VirtualIDEController",
} as const;

export function familyOf(kind: DiskController): BusFamily {
  return kind === "sata" || kind === "nvme" || kind === "ide" ? kind : "scsi";
}

/** A place on a bus. */
export interface Slot {
  readonly kind: DiskController;
  readonly bus: number;
  readonly unit: number;
}

/** The name of a place in a `.vmx` file: `scsi0:1`. */
export const slotName = ({ kind, bus, unit }: Slot): string => `${familyOf(kind)}${bus}:${unit}`;

/**
 * Controllers that drives can be attached to. Every machine has two IDE controllers, even if the host does not list
 * them.
 */
export interface KnownController {
  readonly key: number;
  readonly kind: DiskController;
  readonly bus: number;
}

export function controllersAmong(devices: readonly VirtualDevice[]): KnownController[] {
  const found = devices.flatMap((device): KnownController[] => {
    const kind = DISK_CONTROLLERS.find((each) => isA(device, TYPES[each]));
    if (kind === undefined || !isA(device, "VirtualController")) return [];
    return [{ key: device.key, kind, bus: device.busNumber }];
  });
  const implicit = [0, 1]
    .filter((bus) => !found.some(({ kind, bus: other }) => kind === "ide" && other === bus))
    .map((bus) => ({ key: 200 + bus, kind: "ide" as const, bus }));
  return [...implicit, ...found];
}

/** The place of a drive. Undefined for devices that are on none of these buses. */
export function slotOf(devices: readonly VirtualDevice[], drive: VirtualDevice): Slot | undefined {
  const controller = controllersAmong(devices).find(({ key }) => key === drive.controllerKey);
  if (controller === undefined || drive.unitNumber === undefined) return undefined;
  return { kind: controller.kind, bus: controller.bus, unit: drive.unitNumber };
}

/** A new controller of that kind. Its key is derived from its place, so no two have the same. */
export function newController(kind: DiskController, busNumber: number): VirtualController {
  const key = -3000 - Object.keys(BUSES).indexOf(familyOf(kind)) * 10 - busNumber;
  if (kind === "sata") return create("VirtualAHCIController", { key, busNumber });
  if (kind === "nvme") return create("VirtualNVMEController", { key, busNumber });
  if (kind === "ide") return create("VirtualIDEController", { key, busNumber });
  const { reserved } = BUSES.scsi;
  const scsi = { key, busNumber, sharedBus: "noSharing", scsiCtlrUnitNumber: reserved } as const;
  return create(TYPES[kind], scsi);
}
