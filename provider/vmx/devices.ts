import { parseVmx, type Vmx } from "./vmx.ts";
import { VmxError } from "./vmx-error.ts";

/** A file of a virtual machine on a bus. */
export interface VmxFileDevice {
  /** As in the keys: `scsi0:0`, `sata0:1`, `floppy0`. */
  readonly device: string;
  /** As in the .vmx file: relative to its folder, or an absolute path of the host. */
  readonly fileName: string;
}

const DISK_FILE = /^((?:scsi|sata|ide|nvme)\d+:\d+)\.filename$/i;
const MEDIUM_FILE = /^((?:(?:scsi|sata|ide|nvme)\d+:\d+)|floppy\d+)\.filename$/i;

/** The file name of an empty drive. */
export const EMPTY_DRIVE = "emptyBackingString";
const isEmptyDrive = (fileName: string) => fileName.toLowerCase() === EMPTY_DRIVE.toLowerCase();

/** The disks that the machine has, in the file's order. */
export function disksOf(vmx: Vmx): VmxFileDevice[] {
  return filesOf(vmx, DISK_FILE).filter(({ device }) => isDisk(vmx, device));
}

/** The disks of the machine with that file. Other files give none, whatever their names. */
export function disksIn(bytes: Uint8Array | undefined): VmxFileDevice[] {
  try {
    return bytes === undefined ? [] : disksOf(parseVmx(bytes));
  } catch (error) {
    if (error instanceof VmxError) return [];
    throw error;
  }
}

/** Images of CD-ROMs and floppies. */
export function imagesOf(vmx: Vmx): VmxFileDevice[] {
  return filesOf(vmx, MEDIUM_FILE).filter(({ device, fileName }) => {
    if (isDisk(vmx, device) || fileName === "" || isEmptyDrive(fileName)) return false;
    const type = vmx.get(`${device}.deviceType`) ?? vmx.get(`${device}.fileType`) ?? "";
    return /^(cdrom-image|file)$/i.test(type);
  });
}

/** Numbers of the network adapters, in order. */
export function adaptersOf(vmx: Vmx): number[] {
  const numbers = vmx.keys().flatMap((key) => /^ethernet(\d+)\./i.exec(key)?.[1] ?? []);
  return [...new Set(numbers.map(Number))].sort((a, b) => a - b);
}

function filesOf(vmx: Vmx, pattern: RegExp): VmxFileDevice[] {
  return vmx.keys().flatMap((key) => {
    const device = pattern.exec(key)?.[1];
    if (device === undefined || isAbsent(vmx, device)) return [];
    return [{ device, fileName: vmx.get(key) ?? "" }];
  });
}

function isAbsent(vmx: Vmx, device: string): boolean {
  return vmx.get(`${device}.present`) !== undefined && !vmx.isTrue(`${device}.present`);
}

function isDisk(vmx: Vmx, device: string): boolean {
  if (device.toLowerCase().startsWith("floppy")) return false;
  const type = vmx.get(`${device}.deviceType`)?.toLowerCase();
  if (type !== undefined) return /disk$/.test(type);
  const fileName = vmx.get(`${device}.fileName`) ?? "";
  return !/\.iso$/i.test(fileName) && !isEmptyDrive(fileName);
}
