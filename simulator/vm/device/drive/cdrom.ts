/** CD drives: an ISO on a datastore, the host's own drive, or an empty tray. */
import type { VirtualCdrom, VirtualDevice } from "../../../../schema/index.ts";
import { hostFile } from "../../../datastore/file.ts";
import { type BusSlot, slotKey, slotName } from "../bus.ts";
import { connectable, writeConnectable } from "../connectable.ts";
import { type DeviceContext, datastoreOf } from "../context.ts";
import { invalidBacking } from "../device-faults.ts";
import { backingText, vmxFileName } from "../plain-device.ts";

export function readCdrom(context: DeviceContext, slot: BusSlot): VirtualCdrom & { readonly $type: string } {
  const name = slotName(slot);
  return {
    $type: "VirtualCdrom",
    key: slotKey(slot),
    deviceInfo: {
      label: `CD/DVD drive ${slotKey(slot) - slot.bus.unitKey + 1}`,
      summary: summary(context, name),
    },
    backing: backing(context, name),
    connectable: connectable(context, name, true),
    controllerKey: slot.bus.controllerKey + slot.controller,
    unitNumber: slot.unit,
  };
}

function summary({ vmx }: DeviceContext, name: string): string {
  const fileName = vmx.get(`${name}.fileName`) ?? "";
  const isImage = vmx.get(`${name}.deviceType`) === "cdrom-image" && !isEmptyTray(fileName);
  return isImage ? `ISO ${fileName}` : "ATAPI";
}

function backing(context: DeviceContext, name: string): VirtualDevice["backing"] {
  const type = context.vmx.get(`${name}.deviceType`) ?? "";
  const fileName = context.vmx.get(`${name}.fileName`) ?? "";
  if (type === "cdrom-image" && !isEmptyTray(fileName)) {
    const path = context.datastorePath(fileName);
    const iso = {
      $type: "VirtualCdromIsoBackingInfo",
      fileName: path,
      datastore: hostFile(path) ? undefined : datastoreOf(context, path),
    };
    return iso;
  }
  const isRaw = type === "cdrom-raw";
  const remote = {
    $type: isRaw ? "VirtualCdromRemotePassthroughBackingInfo" : "VirtualCdromRemoteAtapiBackingInfo",
    deviceName: isEmptyTray(fileName) ? "" : fileName,
    useAutoDetect: false,
    ...(isRaw ? { exclusive: false } : {}),
  };
  if (context.vmx.flag(`${name}.clientDevice`) || isEmptyTray(fileName)) return remote;
  const device = {
    $type: isRaw ? "VirtualCdromPassthroughBackingInfo" : "VirtualCdromAtapiBackingInfo",
    deviceName: fileName,
    useAutoDetect: context.vmx.flag(`${name}.autodetect`),
    ...(isRaw ? { exclusive: false } : {}),
  };
  return device;
}

/** The text of a `.vmx` for an empty drive. */
function isEmptyTray(fileName: string): boolean {
  return fileName === "emptyBackingString";
}

/** The type of a drive in the `.vmx`, for each backing. A client's own drive has a further key. */
const DEVICE_TYPES: Readonly<Record<string, string>> = {
  VirtualCdromIsoBackingInfo: "cdrom-image",
  VirtualCdromAtapiBackingInfo: "atapi-cdrom",
  VirtualCdromPassthroughBackingInfo: "cdrom-raw",
  VirtualCdromRemoteAtapiBackingInfo: "atapi-cdrom",
  VirtualCdromRemotePassthroughBackingInfo: "cdrom-raw",
};

/** Writes a spec's drive into the `.vmx`. @throws VimFault InvalidDeviceBacking */
export function writeCdrom(context: DeviceContext, slot: BusSlot, device: VirtualCdrom, index: number): void {
  const { vmx } = context;
  const name = slotName(slot);
  const type = device.backing?.$type ?? "VirtualCdromRemotePassthroughBackingInfo";
  const deviceType = DEVICE_TYPES[type];
  if (deviceType === undefined) throw invalidBacking(index);
  const isRemote = type.includes("Remote");
  vmx.set(`${name}.present`, true);
  vmx.set(`${name}.deviceType`, deviceType);
  vmx.set(`${name}.fileName`, isRemote ? "" : mediaName(context, device));
  vmx.set(`${name}.clientDevice`, isRemote ? true : undefined);
  const isAuto = !isRemote && backingText(device, "useAutoDetect") === "true";
  vmx.set(`${name}.autodetect`, isAuto ? true : undefined);
  writeConnectable(context, name, device.connectable);
}

function mediaName(context: DeviceContext, device: VirtualCdrom): string {
  return device.backing?.$type === "VirtualCdromIsoBackingInfo"
    ? vmxFileName(context, device)
    : backingText(device, "deviceName");
}
