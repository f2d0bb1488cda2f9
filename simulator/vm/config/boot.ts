/** What a VM does when it starts: firmware, delays, and the order of the devices it tries. */
import type {
  VirtualMachineBootOptions,
  VirtualMachineBootOptionsBootableDevice,
} from "../../../schema/index.ts";
import { invalidArgument } from "../../soap/fault.ts";
import { slotKey, slotName, slotOfKey, usedSlots } from "../device/bus.ts";
import { isDisk } from "../device/disk.ts";
import { floppyNumbers } from "../device/drive/floppy.ts";
import { ethernetNumbers, ethernetOfKey } from "../device/ethernet.ts";
import type { Vmx } from "../vmx.ts";

const PATH = "configSpec.bootOptions";
/** In the `.vmx` the delay counts seconds, in the API milliseconds. */
const DEFAULT_RETRY_DELAY_SECONDS = 10;
const FIRST_ETHERNET_KEY = 4000;
/** As many as a host looks at. */
const MAX_DISKS = 8;
const MAX_NICS = 5;

type Bootable = VirtualMachineBootOptionsBootableDevice & { readonly $type: string };

/** Boot options that are more than one value of the `.vmx`. */
export function readBoot(vmx: Vmx): VirtualMachineBootOptions {
  const bootOrder = readOrder(vmx);
  return {
    bootRetryDelay: (vmx.number("bios.bootRetry.delay") ?? DEFAULT_RETRY_DELAY_SECONDS) * 1000,
    ...(bootOrder.length > 0 ? { bootOrder } : {}),
  };
}

/** The same, the order aside: that names devices, which must be there first. @throws VimFault InvalidArgument */
export function writeBoot(vmx: Vmx, { bootRetryDelay }: VirtualMachineBootOptions): void {
  if (bootRetryDelay === undefined) return;
  if (bootRetryDelay < 0) throw invalidArgument(`${PATH}.bootRetryDelay`);
  vmx.set("bios.bootRetry.delay", Math.floor(bootRetryDelay / 1000));
}

/** Secure boot is a thing of EFI. @throws VimFault InvalidArgument */
export function checkSecureBoot(vmx: Vmx): void {
  if (vmx.flag("uefi.secureBoot.enabled") && vmx.get("firmware") !== "efi")
    throw invalidArgument(`${PATH}.efiSecureBootEnabled`);
}

/**
 * The `.vmx` has one place for all disks, whose order is a list of its own, and one for all CD drives. An entry of the
 * general type alone takes the order back.
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

/** A legacy BIOS is told by the `.vmx`; EFI keeps its order in the NVRAM, for which keys of the simulator's own stand. */
function orderKeys(vmx: Vmx): { readonly all: string; readonly disks: string } {
  const of = vmx.get("firmware") === "efi" ? "nvram" : "bios";
  return { all: `${of}.bootOrder`, disks: `${of}.hddOrder` };
}

/** Devices that have gone since are left out. */
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
