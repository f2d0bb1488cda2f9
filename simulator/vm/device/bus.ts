/** Buses with slots for disks and CD drives, and their numbers in the `.vmx` and in the API. */
import type { Vmx } from "../vmx.ts";

export interface Bus {
  /** Prefix in the `.vmx`: `scsi0`, `scsi0:1`. */
  readonly prefix: "scsi" | "sata" | "nvme" | "ide";
  /** Key of the first controller. The other controllers have the next numbers. */
  readonly controllerKey: number;
  /** Key of the device at bus 0, unit 0. */
  readonly unitKey: number;
  readonly controllers: number;
  readonly units: number;
  /** The difference between the keys of one bus and the next. */
  readonly unitKeysPerBus: number;
  /** The unit number that the controller itself takes. */
  readonly reservedUnit: number | undefined;
  /** Controllers that every VM has. */
  readonly implicit: boolean;
}

export const BUSES: readonly Bus[] = [
  bus("ide", {
    controllerKey: 200,
    unitKey: 3000,
    controllers: 2,
    units: 2,
    unitKeysPerBus: 2,
    implicit: true,
  }),
  bus("scsi", {
    controllerKey: 1000,
    unitKey: 2000,
    controllers: 4,
    units: 16,
    unitKeysPerBus: 16,
    reservedUnit: 7,
  }),
  bus("sata", { controllerKey: 15000, unitKey: 16000, controllers: 4, units: 30, unitKeysPerBus: 30 }),
  bus("nvme", { controllerKey: 31000, unitKey: 32000, controllers: 4, units: 15, unitKeysPerBus: 15 }),
];

/** A place for a device: `scsi0:1`. */
export interface BusSlot {
  readonly bus: Bus;
  readonly controller: number;
  readonly unit: number;
}

export function slotName({ bus, controller, unit }: BusSlot): string {
  return `${bus.prefix}${controller}:${unit}`;
}

/** The slot of that name. */
export function slotOfName(name: string): BusSlot | undefined {
  const [, prefix, controller, unit] = /^([a-z]+)(\d+):(\d+)$/.exec(name) ?? [];
  const bus = BUSES.find((one) => one.prefix === prefix);
  return bus && { bus, controller: Number(controller), unit: Number(unit) };
}

export function slotKey({ bus, controller, unit }: BusSlot): number {
  return bus.unitKey + controller * bus.unitKeysPerBus + unit;
}

/** The bus and number of a controller's key. */
export function controllerOfKey(key: number): { readonly bus: Bus; readonly controller: number } | undefined {
  const bus = BUSES.find((one) => key >= one.controllerKey && key < one.controllerKey + one.controllers);
  return bus && { bus, controller: key - bus.controllerKey };
}

export function slotOfKey(key: number): BusSlot | undefined {
  for (const bus of BUSES) {
    const offset = key - bus.unitKey;
    const controller = Math.floor(offset / bus.unitKeysPerBus);
    const unit = offset % bus.unitKeysPerBus;
    if (offset >= 0 && controller < bus.controllers && unit < bus.units) return { bus, controller, unit };
  }
  return undefined;
}

export function hasController(vmx: Vmx, bus: Bus, controller: number): boolean {
  return bus.implicit || vmx.flag(`${bus.prefix}${controller}.present`);
}

/** Type of the controller with that number on a bus, in the API. */
export function controllerType(vmx: Vmx, bus: Bus, controller: number): string {
  if (bus.prefix === "ide") return "VirtualIDEController";
  if (bus.prefix === "sata") return "VirtualAHCIController";
  if (bus.prefix === "nvme") return "VirtualNVMEController";
  const device = vmx.get(`scsi${controller}.virtualDev`)?.toLowerCase() ?? "lsilogic";
  const type = Object.entries(SCSI_DEVICES).find(([, name]) => name === device)?.[0];
  return type ?? "VirtualLsiLogicController";
}

/** The name of each kind of SCSI controller in the `.vmx`. */
export const SCSI_DEVICES: Readonly<Record<string, string>> = {
  ParaVirtualSCSIController: "pvscsi",
  VirtualLsiLogicController: "lsilogic",
  VirtualLsiLogicSASController: "lsisas1068",
  VirtualBusLogicController: "buslogic",
};

/** Slots with a device, in order. */
export function usedSlots(vmx: Vmx): BusSlot[] {
  const slots: BusSlot[] = [];
  for (const bus of BUSES) {
    for (let controller = 0; controller < bus.controllers; controller++) {
      if (!hasController(vmx, bus, controller)) continue;
      for (let unit = 0; unit < bus.units; unit++) {
        const slot = { bus, controller, unit };
        if (vmx.flag(`${slotName(slot)}.present`)) slots.push(slot);
      }
    }
  }
  return slots;
}

export function freeUnit(vmx: Vmx, bus: Bus, controller: number): number | undefined {
  for (let unit = 0; unit < bus.units; unit++) {
    if (unit !== bus.reservedUnit && !vmx.flag(`${bus.prefix}${controller}:${unit}.present`)) return unit;
  }
  return undefined;
}

function bus(
  prefix: Bus["prefix"],
  numbers: Omit<Bus, "prefix" | "reservedUnit" | "implicit"> &
    Partial<Pick<Bus, "reservedUnit" | "implicit">>,
): Bus {
  return { prefix, reservedUnit: undefined, implicit: false, ...numbers };
}
