import type { VirtualDevice, VirtualDeviceConfigSpec } from "../../../../schema/index.ts";
import { isA } from "../../../vim/codec/objects.ts";
import type { Vmx } from "../../../vmx/vmx.ts";
import { chainOf } from "../reading/disk-chain.ts";
import { controllersAmong, familyOf, type Slot, slotName, slotOf } from "../settings/buses.ts";
import { withDeviceChanges } from "../settings/device-changes.ts";
import { removeKeys, setKeys, takeKeys, type Values } from "./device-keys.ts";
import { addDisk, type DiskWork, editDisk, type NameDisk } from "./write-disk.ts";
import { writeCdrom, writeFloppy } from "./write-media.ts";
import { writeSerialPort } from "./write-serial.ts";

/** The parts of a machine that matter when devices are written. */
export interface VmxMachine {
  readonly vmxPath: string;
  readonly devices: readonly VirtualDevice[];
}

/** Devices that are on no bus: their name in the file, and the key of the first one in the API. */
const PLAIN = {
  VirtualFloppy: { name: "floppy", firstKey: 8000, most: 2 },
  VirtualSerialPort: { name: "serial", firstKey: 9000, most: 32 },
} as const;

/**
 * Writes changes of devices into a .vmx file, as a host does when the API tells it. The changes have the form of the
 * API's specification, so both ways need only one plan.
 *
 * @param machine The machine as the file describes it now.
 * @returns The work on files of disks. The host reads the .vmx file after disks are made, and before disks are removed.
 */
export function writeDevices(
  vmx: Vmx,
  machine: VmxMachine,
  changes: readonly VirtualDeviceConfigSpec[],
  nameDisk: NameDisk,
): DiskWork[] {
  const lifted = liftMoved(vmx, machine, changes);
  let now = machine;
  return changes.flatMap((change) => {
    const before = now;
    now = withDeviceChanges(before, [change]);
    return write(vmx, { before, after: now, change, lifted, nameDisk });
  });
}

/** Takes out the keys of drives that move to other places first, because two drives may change places. */
function liftMoved(
  vmx: Vmx,
  machine: VmxMachine,
  changes: readonly VirtualDeviceConfigSpec[],
): ReadonlyMap<number, Values> {
  const final = withDeviceChanges(machine, changes);
  const moved = changes.flatMap(({ operation, device }): [number, string][] => {
    const there = machine.devices.find(({ key }) => key === device.key);
    const from = operation === "edit" && there && slotOf(machine.devices, there);
    const to = slotOf(final.devices, device);
    return from && to && slotName(from) !== slotName(to) ? [[device.key, slotName(from)]] : [];
  });
  return new Map(moved.map(([key, place]) => [key, takeKeys(vmx, place)]));
}

interface Step {
  readonly before: VmxMachine;
  readonly after: VmxMachine;
  readonly change: VirtualDeviceConfigSpec;
  /** The old keys of drives that move, by the keys of the drives. */
  readonly lifted: ReadonlyMap<number, Values>;
  readonly nameDisk: NameDisk;
}

function write(vmx: Vmx, { before, after, change, lifted, nameDisk }: Step): DiskWork[] {
  const { device, operation } = change;
  const { vmxPath } = before;
  const kind = plainKindOf(device);
  if (kind !== undefined) {
    const place = operation === "add" ? freePlace(vmx, kind) : `${kind.name}${device.key - kind.firstKey}`;
    if (operation === "remove") {
      removeKeys(vmx, place);
      // A host gives the machine a floppy drive if the file says nothing about one.
      if (kind.name === "floppy") setKeys(vmx, place, { present: false });
    } else if (isA(device, "VirtualFloppy")) writeFloppy(vmx, place, device, vmxPath);
    else if (isA(device, "VirtualSerialPort")) writeSerialPort(vmx, place, device, vmxPath);
    return [];
  }
  if (isA(device, "VirtualController")) {
    if (operation === "add") addController(vmx, after, device);
    return [];
  }
  const there = before.devices.find(({ key }) => key === device.key);
  const to = slotOf(after.devices, device);
  if (operation === "remove") {
    const from = there && slotOf(before.devices, there);
    if (from) removeKeys(vmx, slotName(from));
    const [file] = chainOf(device);
    return change.fileOperation === "destroy" && file !== undefined ? [{ kind: "remove", file }] : [];
  }
  if (to === undefined) throw new Error(`A ${device.$type} cannot be written into a .vmx file.`);
  setKeys(vmx, slotName(to), lifted.get(device.key) ?? {});
  if (isA(device, "VirtualCdrom")) writeCdrom(vmx, slotName(to), device, vmxPath);
  else if (there === undefined) return addDisk(vmx, to, change, vmxPath, nameDisk);
  else if (isA(device, "VirtualDisk") && isA(there, "VirtualDisk")) return editDisk(vmx, to, there, device);
  return [];
}

function plainKindOf(device: VirtualDevice) {
  if (isA(device, "VirtualFloppy")) return PLAIN.VirtualFloppy;
  return isA(device, "VirtualSerialPort") ? PLAIN.VirtualSerialPort : undefined;
}

/** The first free place of that kind. */
function freePlace(vmx: Vmx, { name, most }: { readonly name: string; readonly most: number }): string {
  const number = Array.from({ length: most }, (_, each) => each).find(
    (each) => !vmx.isTrue(`${name}${each}.present`),
  );
  if (number === undefined) throw new Error(`There is no room for another ${name}.`);
  removeKeys(vmx, `${name}${number}`);
  return `${name}${number}`;
}

const SCSI: Partial<Record<Slot["kind"], string>> = {
  pvscsi: "pvscsi",
  lsilogic: "lsilogic",
  "lsilogic-sas": "lsisas1068",
  buslogic: "buslogic",
};

function addController(vmx: Vmx, { devices }: VmxMachine, { key }: VirtualDevice): void {
  const controller = controllersAmong(devices).find((each) => each.key === key);
  // Every machine has both IDE controllers without any key.
  if (controller === undefined || controller.kind === "ide") return;
  const virtualDev = SCSI[controller.kind];
  setKeys(vmx, `${familyOf(controller.kind)}${controller.bus}`, {
    present: true,
    ...(virtualDev && { virtualDev }),
  });
}
