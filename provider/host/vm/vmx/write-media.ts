import type { VirtualCdrom, VirtualDevice, VirtualFloppy } from "../../../../schema/index.ts";
import { isA } from "../../../vim/codec/objects.ts";
import { EMPTY_DRIVE } from "../../../vmx/devices.ts";
import type { Vmx } from "../../../vmx/vmx.ts";
import { fileNameOf } from "../settings/medium.ts";
import { nameInVmx, plugKeys, setKeys } from "./device-keys.ts";

/** Writes a CD drive into its place. */
export function writeCdrom(vmx: Vmx, place: string, drive: VirtualCdrom, vmxPath: string): void {
  const image = fileNameOf(drive);
  const { isOfHost, name, isAny } = hostDeviceOf(drive);
  setKeys(vmx, place, {
    present: true,
    deviceType: image !== undefined ? "cdrom-image" : isOfHost ? "atapi-cdrom" : "cdrom-raw",
    fileName: image !== undefined ? nameInVmx(image, vmxPath) : isOfHost ? name : EMPTY_DRIVE,
    clientDevice: image === undefined && !isOfHost ? true : undefined,
    autodetect: isAny ? true : undefined,
    ...plugKeys(drive.connectable),
  });
}

/** Writes a floppy drive into its place. */
export function writeFloppy(vmx: Vmx, place: string, drive: VirtualFloppy, vmxPath: string): void {
  const image = fileNameOf(drive);
  const { isOfHost, name, isAny } = hostDeviceOf(drive);
  setKeys(vmx, place, {
    present: true,
    fileType: image !== undefined ? "file" : "device",
    fileName: image !== undefined ? nameInVmx(image, vmxPath) : isOfHost ? name : "",
    clientDevice: image === undefined && !isOfHost,
    autodetect: isAny ? true : undefined,
    ...plugKeys(drive.connectable),
  });
}

/**
 * Which of the host's own drives it is. An empty drive is a drive of the viewer's machine, and so none of the host's.
 */
function hostDeviceOf({ backing }: VirtualDevice) {
  const isOfHost = isA(backing, "VirtualDeviceDeviceBackingInfo");
  if (!isOfHost) return { isOfHost, name: "", isAny: false };
  return { isOfHost, name: backing.deviceName, isAny: backing.useAutoDetect === true };
}
