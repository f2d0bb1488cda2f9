/** How a VM boots: firmware, delays, and the order of the boot devices. */
import type {
  VirtualMachineBootOptions,
  VirtualMachineBootOptionsBootableDevice,
} from "../../../schema/index.ts";
import { invalidArgument } from "../../soap/fault.ts";
import { slotKey, slotName, slotOfKey, usedSlots } from "../device/bus.ts";
import { floppyNumbers } from "../device/drive/floppy.ts";
import { ethernetNumbers, ethernetOfKey } from "../device/ethernet.ts";
import { isDisk } from "../device/virtual-disk.ts";
import type { Vmx } from "../vmx.ts";

const PATH = "configSpec.bootOptions";
/** The delay is in seconds in the `.vmx`, and in milliseconds in the API. */
const DEFAULT_RETRY_DELAY_SECONDS = 10;
const FIRST_ETHERNET_KEY = 4000;
/** The host looks at no more. */
const MAX_DISKS = 8;
const MAX_NICS = 5;

type Bootable = VirtualMachineBootOptionsBootableDevice & { readonly $type: string };

/** Boot options with more than one value in the `.vmx`. */
export function readBoot(vmx: Vmx): VirtualMachineBootOptions {
  const bootOrder = readOrder(vmx);
  return {
    bootRetryDelay: (vmx.number("bios.bootRetry.delay") ?? DEFAULT_RETRY_DELAY_SECONDS) * 1000,
    ...(bootOrder.length > 0 ? { bootOrder } : {}),
  };
}

/**
 * Writes them without the boot order, because that names devices, which must be there first. @throws VimFault
 * InvalidArgument
 */
export function writeBoot(vmx: Vmx, { bootRetryDelay }: VirtualMachineBootOptions): void {
  if (bootRetryDelay === undefined) return;
  if (bootRetryDelay < 0) throw invalidArgument(`${PATH}.bootRetryDelay`);
  vmx.set("bios.bootRetry.delay", Math.floor(bootRetryDelay / 1000));
}

/** Only EFI has secure boot. @throws VimFault InvalidArgument */
export function checkSecureBoot(vmx: Vmx): void {
  if (vmx.flag("uefi.secureBoot.enabled") && vmx.get("firmware") !== "efi")
    throw invalidArgument(`${PATH}.efiSecureBootEnabled`);
}

/**
 * The `.vmx` has one place for all disks, with a separate list for their order, and one place for all CD drives. A
 * single entry of the general type removes the order.
 *
 * @throws VimFault InvalidArgument if a device is not there
 */
export function writeBootOrder(vmx: Vmx, order: readonly VirtualMachineBootOptionsBootableDevice[]): void {
  const places: string[] = [];
  const disks: string[] = [];
  const only = order.length === 1 ? order[0]?.$type : undefined;
  for (const device of only === "VirtualMachineBootOptionsBootableDevice" ? [] : order) {
    const [place, disk] = placeOf(vmx, device);
    if (disk !== undefined && !disks.includes(disk)) disks.push(disk);
    if (!places.includes(place)) places.push(place);
  }
  const nics = places.filter((place) => place.startsWith("ethernet")).length;
  if (disks.length > MAX_DISKS || nics > MAX_NICS) throw invalidOrder();
  const keys = orderKeys(vmx);
  vmx.set(keys.all, places.length === 0 ? undefined : places.join(","));
  vmx.set(keys.disks, disks.length === 0 ? undefined : disks.join(","));
}

function placeOf(vmx: Vmx, device: VirtualMachineBootOptionsBootableDevice): [place: string, disk?: string] {
  const key = "deviceKey" in device ? Number(device.deviceKey) : 0;
  switch (device.$type) {
    case "VirtualMachineBootOptionsBootableDiskDevice": {
      const slot = slotOfKey(key);
      if (slot === undefined || !vmx.flag(`${slotName(slot)}.present`) || !isDisk(vmx, slot))
        throw invalidOrder();
      return ["hdd", slotName(slot)];
    }
    case "VirtualMachineBootOptionsBootableEthernetDevice": {
      const number = ethernetOfKey(vmx, key);
      if (number === undefined) throw invalidOrder();
      return [`ethernet${number}`];
    }
    case "VirtualMachineBootOptionsBootableCdromDevice":
      if (usedSlots(vmx).every((slot) => isDisk(vmx, slot))) throw invalidOrder();
      return ["cdrom"];
    case "VirtualMachineBootOptionsBootableFloppyDevice":
      if (floppyNumbers(vmx).length === 0) throw invalidOrder();
      return ["floppy"];
    default:
      throw invalidOrder();
  }
}

/**
 * A legacy BIOS reads the order from the `.vmx`. EFI keeps it in the NVRAM, and the simulator uses its own keys for
 * that.
 */
function orderKeys(vmx: Vmx): { readonly all: string; readonly disks: string } {
  const of = vmx.get("firmware") === "efi" ? "nvram" : "bios";
  return { all: `${of}.bootOrder`, disks: `${of}.hddOrder` };
}

/** Devices that have been removed since are left out. */
function readOrder(vmx: Vmx): Bootable[] {
  const keys = orderKeys(vmx);
  return list(vmx, keys.all).flatMap((place): Bootable[] => {
    if (place === "cdrom") return [{ $type: "VirtualMachineBootOptionsBootableCdromDevice" }];
    if (place === "floppy") return [{ $type: "VirtualMachineBootOptionsBootableFloppyDevice" }];
    if (place === "hdd") return list(vmx, keys.disks).flatMap((name) => bootableDisk(vmx, name));
    const number = Number(/^ethernet(\d+)$/.exec(place)?.[1]);
    if (!ethernetNumbers(vmx).includes(number)) return [];
    const nic = {
      $type: "VirtualMachineBootOptionsBootableEthernetDevice",
      deviceKey: FIRST_ETHERNET_KEY + number,
    };
    return [nic];
  });
}

function bootableDisk(vmx: Vmx, name: string): Bootable[] {
  const slot = usedSlots(vmx).find((one) => slotName(one) === name && isDisk(vmx, one));
  if (slot === undefined) return [];
  const disk = { $type: "VirtualMachineBootOptionsBootableDiskDevice", deviceKey: slotKey(slot) };
  return [disk];
}

function list(vmx: Vmx, key: string): string[] {
  return (vmx.get(key) ?? "")
    .toLowerCase()
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
}

function invalidOrder(): Error {
  return invalidArgument(`${PATH}.bootOrder`);
}
