/** Carries out the device changes of a ConfigSpec on a VM's `.vmx` and on the datastore. */
import type {
  VirtualCdrom,
  VirtualController,
  VirtualDevice,
  VirtualDeviceConfigSpec,
  VirtualDisk,
  VirtualEthernetCard,
} from "../../../schema/index.ts";
import type { DatastoreFile } from "../../datastore/file.ts";
import { notSupported } from "../../soap/fault.ts";
import { invalidPowerState } from "../power/power-state.ts";
import {
  BUSES,
  type Bus,
  type BusSlot,
  controllerOfKey,
  controllerType,
  freeUnit,
  hasController,
  SCSI_DEVICES,
  slotKey,
  slotName,
  slotOfKey,
} from "./bus.ts";
import type { DeviceContext } from "./context.ts";
import { invalidController, invalidDevice, invalidOperation, unsupportedByVersion } from "./device-faults.ts";
import { writeCdrom } from "./drive/cdrom.ts";
import { connectMedia } from "./drive/media.ts";
import { addEthernet, editEthernet, ethernetOfKey, isEthernet } from "./ethernet.ts";
import { isHotPluggable, isMoved } from "./hot-plug.ts";
import { addPlain, editPlain, removePlain } from "./plain.ts";
import { addDisk, destroyDisk, diskType, editDisk, isDisk } from "./virtual-disk.ts";

/** Files that changes have made. They are deleted if a later change fails. */
export interface MadeFiles {
  readonly disks: DatastoreFile[];
}

/** A device of the spec after it was added: its temporary key, and the name of its slot. */
export interface Placed {
  readonly spec: VirtualDeviceConfigSpec;
  readonly key: number;
}

const SHARING: Readonly<Record<string, string | undefined>> = {
  virtualSharing: "virtual",
  physicalSharing: "physical",
};
/** On the board of every VM. A spec may name them, and that changes nothing. */
const CHIPSET = new Set([100, 200, 201, 300, 400, 600, 700]);

/** The first virtual hardware that has a device. */
const FIRST_VERSION: Readonly<Record<string, number>> = {
  ParaVirtualSCSIController: 7,
  VirtualLsiLogicSASController: 7,
  VirtualVmxnet3: 7,
  VirtualE1000e: 8,
  VirtualUSBXHCIController: 8,
  VirtualAHCIController: 10,
  VirtualNVMEController: 13,
};

/**
 * Controllers come first, whatever their place in the spec, because a device may name a controller that is listed after
 * it.
 *
 * @throws VimFault InvalidDeviceSpec and similar, InvalidPowerState if the VM must be off. `made` then says which files
 * must be deleted
 */
export async function changeDevices(
  context: DeviceContext,
  changes: readonly VirtualDeviceConfigSpec[],
  made: MadeFiles,
): Promise<Placed[]> {
  const keys = new Map<number, number>();
  const placed: Placed[] = [];
  const ordered = changes.map((spec, index) => ({ spec, index })).sort((a, b) => rank(a.spec) - rank(b.spec));
  for (const { spec, index } of ordered) {
    const { device, operation } = spec;
    checkRunning(context, spec, keys);
    if (operation === "add") {
      const key = await add(context, spec, index, keys, made);
      keys.set(device.key, key);
      placed.push({ spec, key });
    } else if (operation === "edit") await edit(context, device, index, keys);
    else if (operation === "remove") await remove(context, spec, index);
    else throw invalidDevice(index, "virtualDeviceSpec.operation");
  }
  return placed;
}

/**
 * Devices are removed before anything is added, because that frees slots. Controllers are removed after their devices.
 */
function rank({ device, operation }: VirtualDeviceConfigSpec): number {
  const isController = controllerOfKey(device.key) !== undefined;
  if (operation === "remove") return isController ? 1 : 0;
  return busOf(device) || device.$type === "VirtualIDEController" ? 2 : 3;
}

/** @throws VimFault InvalidPowerState */
function checkRunning(
  context: DeviceContext,
  spec: VirtualDeviceConfigSpec,
  keys: ReadonlyMap<number, number>,
): void {
  if (context.powerState === "poweredOff") return;
  const slotOf = (device: VirtualDevice): BusSlot | undefined => {
    const asked = device.controllerKey ?? 0;
    const found = controllerOfKey(keys.get(asked) ?? asked);
    return found && { ...found, unit: 0 };
  };
  if (context.powerState === "suspended" || !isHotPluggable(context, spec, slotOf))
    throw invalidPowerState(context, "poweredOff");
}

async function add(
  context: DeviceContext,
  spec: VirtualDeviceConfigSpec,
  index: number,
  keys: ReadonlyMap<number, number>,
  made: MadeFiles,
): Promise<number> {
  const { device } = spec;
  const type = device.$type ?? "";
  const bus = busOf(device);
  checkVersion(context, type, index);
  if (bus) return addController(context, bus, device, index);
  if (type === "VirtualIDEController") return ideController(asController(device), index);
  if (CHIPSET.has(device.key)) return device.key;
  if (type === "VirtualDisk") {
    const slot = findSlot(context, device, index, keys);
    const create = spec.fileOperation === "create" || spec.fileOperation === "replace";
    const file = await addDisk(context, { device: asDisk(device), slot, index, create });
    if (file) made.disks.push(file);
    return slotKey(slot);
  }
  if (type === "VirtualCdrom") {
    const slot = findSlot(context, device, index, keys);
    writeCdrom(context, slot, asCdrom(device), index);
    return slotKey(slot);
  }
  if (isEthernet(type)) return addEthernet(context, asEthernet(device), index);
  const key = addPlain(context, device, index);
  if (key === undefined) throw notSupported();
  return key;
}

async function edit(
  context: DeviceContext,
  device: VirtualDevice,
  index: number,
  keys: ReadonlyMap<number, number>,
): Promise<void> {
  const { vmx } = context;
  const slot = slotOfKey(device.key);
  if (slot && vmx.flag(`${slotName(slot)}.present`)) {
    if ((device.$type === "VirtualDisk") !== isDisk(vmx, slot))
      throw invalidDevice(index, "virtualDeviceSpec.device.key");
    const place = isMoved(device) ? move(context, slot, device, index, keys) : slot;
    if (device.$type === "VirtualDisk") return await editDisk(context, place, asDisk(device), index);
    writeCdrom(context, place, asCdrom(device), index);
    return await connectMedia(context, slotName(place));
  }
  const card = ethernetOfKey(vmx, device.key);
  if (card !== undefined && isEthernet(device.$type ?? ""))
    return editEthernet(context, card, asEthernet(device), index);
  const controller = controllerOfKey(device.key);
  if (controller && hasController(vmx, controller.bus, controller.controller)) {
    if (controllerType(vmx, controller.bus, controller.controller) !== device.$type)
      throw invalidDevice(index, "virtualDeviceSpec.device.key");
    if (controller.bus.prefix === "scsi") writeSharing(context, controller.controller, device);
    return;
  }
  if (CHIPSET.has(device.key)) return;
  if (!editPlain(context, device, index)) throw invalidDevice(index, "virtualDeviceSpec.device.key");
  if (device.$type === "VirtualFloppy") await connectMedia(context, `floppy${device.key - 8000}`);
}

/** Moves a disk or drive to another slot. */
function move(
  context: DeviceContext,
  from: BusSlot,
  device: VirtualDevice,
  index: number,
  keys: ReadonlyMap<number, number>,
): BusSlot {
  const controllerKey = device.controllerKey ?? from.bus.controllerKey + from.controller;
  const to = findSlot(context, { ...device, controllerKey }, index, keys);
  context.vmx.renameDevice(slotName(from), slotName(to));
  if (isDisk(context.vmx, to)) context.vmx.set(`${slotName(to)}.deviceType`, diskType(to));
  return to;
}

async function remove(context: DeviceContext, spec: VirtualDeviceConfigSpec, index: number): Promise<void> {
  const { vmx } = context;
  const { key } = spec.device;
  const slot = slotOfKey(key);
  if (slot && vmx.flag(`${slotName(slot)}.present`)) {
    if (spec.fileOperation === "destroy" && isDisk(vmx, slot)) await destroyDisk(context, slot, index);
    return unplug(context, slotName(slot));
  }
  const card = ethernetOfKey(vmx, key);
  if (card !== undefined) return unplug(context, `ethernet${card}`);
  const controller = controllerOfKey(key);
  if (controller && !controller.bus.implicit && hasController(vmx, controller.bus, controller.controller)) {
    const { bus } = controller;
    for (let unit = 0; unit < bus.units; unit++) {
      if (vmx.flag(`${bus.prefix}${controller.controller}:${unit}.present`))
        throw invalidOperation(index, "remove");
    }
    return vmx.removeDevice(`${bus.prefix}${controller.controller}`);
  }
  if (!removePlain(context, key)) throw invalidDevice(index, "virtualDeviceSpec.device.key");
}

function unplug({ vmx, connected }: DeviceContext, slot: string): void {
  vmx.removeDevice(slot);
  connected?.delete(slot);
}

/** @throws VimFault DeviceUnsupportedForVmVersion */
function checkVersion({ vmx }: DeviceContext, type: string, index: number): void {
  const expected = FIRST_VERSION[type] ?? 0;
  const current = vmx.number("virtualHW.version") ?? expected;
  if (current < expected) throw unsupportedByVersion(index, current, expected);
}

function busOf(device: VirtualDevice): Bus | undefined {
  const type = device.$type ?? "";
  const prefix =
    type in SCSI_DEVICES
      ? "scsi"
      : type === "VirtualAHCIController"
        ? "sata"
        : type === "VirtualNVMEController"
          ? "nvme"
          : "";
  return BUSES.find((bus) => bus.prefix === prefix);
}

function addController(context: DeviceContext, bus: Bus, device: VirtualDevice, index: number): number {
  const { vmx } = context;
  const { busNumber } = asController(device);
  const free = Array.from({ length: bus.controllers }, (_, one) => one).filter(
    (one) => !hasController(vmx, bus, one),
  );
  const number = free.includes(busNumber) ? busNumber : undefined;
  if (number === undefined) throw invalidDevice(index, "virtualDeviceSpec.device.busNumber");
  if (bus.prefix === "scsi") {
    vmx.set(`scsi${number}.virtualDev`, SCSI_DEVICES[device.$type ?? ""]);
    writeSharing(context, number, device);
  }
  vmx.set(`${bus.prefix}${number}.present`, true);
  return bus.controllerKey + number;
}

/** Both controllers always exist. A spec that adds one only names it. */
function ideController({ key, busNumber }: VirtualController, index: number): number {
  if (CHIPSET.has(key)) return key;
  if (busNumber !== 0 && busNumber !== 1) throw invalidDevice(index, "virtualDeviceSpec.device.busNumber");
  return 200 + busNumber;
}

function writeSharing({ vmx }: DeviceContext, number: number, device: VirtualDevice): void {
  if ("sharedBus" in device) vmx.set(`scsi${number}.sharedBus`, SHARING[String(device.sharedBus)]);
}

/**
 * The slot that a device asks for, by its controller's key and its unit. The controller may be one of the same spec.
 */
function findSlot(
  context: DeviceContext,
  device: VirtualDevice,
  index: number,
  keys: ReadonlyMap<number, number>,
): BusSlot {
  const asked = device.controllerKey;
  const found = asked === undefined ? undefined : controllerOfKey(keys.get(asked) ?? asked);
  if (found === undefined || !hasController(context.vmx, found.bus, found.controller)) {
    throw invalidController(index, asked ?? 0);
  }
  const { bus, controller } = found;
  const wanted = device.unitNumber ?? -1;
  const unit = wanted < 0 ? freeUnit(context.vmx, bus, controller) : wanted;
  if (unit === undefined || unit >= bus.units || unit === bus.reservedUnit) {
    throw invalidDevice(index, "virtualDeviceSpec.device.unitNumber");
  }
  const slot = { bus, controller, unit };
  if (context.vmx.flag(`${slotName(slot)}.present`))
    throw invalidDevice(index, "virtualDeviceSpec.device.unitNumber");
  return slot;
}

// The decoder has checked that a device has the properties of its type.
const asDisk = (device: VirtualDevice): VirtualDisk => device as VirtualDisk;
const asCdrom = (device: VirtualDevice): VirtualCdrom => device as VirtualCdrom;
const asEthernet = (device: VirtualDevice): VirtualEthernetCard => device as VirtualEthernetCard;
const asController = (device: VirtualDevice): VirtualController => device as VirtualController;
