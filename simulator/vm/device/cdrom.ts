/** CD drives: an ISO of a datastore, the host's own drive, or nothing in the tray. */
import type { VirtualCdrom, VirtualCdromIsoBackingInfo, VirtualDevice } from "../../../schema/index.ts";
import { datastoreRef } from "../../host/ids.ts";
import { type BusSlot, slotKey, slotName } from "./bus.ts";
import { connectable, writeConnectable } from "./connectable.ts";
import type { DeviceContext } from "./context.ts";
import { invalidBacking } from "./faults.ts";

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
    connectable: connectable(context.vmx, name, true),
    controllerKey: slot.bus.controllerKey + slot.controller,
    unitNumber: slot.unit,
  };
}

function summary({ vmx }: DeviceContext, name: string): string {
  return vmx.get(`${name}.deviceType`) === "cdrom-image"
    ? `ISO ${vmx.get(`${name}.fileName`) ?? ""}`
    : "ATAPI";
}

function backing(context: DeviceContext, name: string): VirtualDevice["backing"] {
  const type = context.vmx.get(`${name}.deviceType`) ?? "";
  const fileName = context.vmx.get(`${name}.fileName`) ?? "";
  if (type === "cdrom-image") {
    const path = context.datastorePath(fileName);
    const iso = {
      $type: "VirtualCdromIsoBackingInfo",
      fileName: path,
      datastore: datastoreRef(context.resolve(path).datastore.uuid),
    };
    return iso;
  }
  if (context.vmx.flag(`${name}.clientDevice`)) {
    const remote = { $type: "VirtualCdromRemotePassthroughBackingInfo", deviceName: "", exclusive: false };
    return remote;
  }
  const atapi = { $type: "VirtualCdromAtapiBackingInfo", deviceName: fileName, useAutoDetect: false };
  return atapi;
}

/** Writes a spec's drive into the `.vmx`. @throws VimFault InvalidDeviceBacking */
export function writeCdrom(context: DeviceContext, slot: BusSlot, device: VirtualCdrom, index: number): void {
  const { vmx } = context;
  const name = slotName(slot);
  const type = device.backing?.$type;
  vmx.set(`${name}.present`, true);
  if (type === "VirtualCdromIsoBackingInfo") {
    const { fileName } = device.backing as VirtualCdromIsoBackingInfo;
    const file = fileName === "" ? undefined : context.resolve(fileName);
    vmx.set(`${name}.deviceType`, "cdrom-image");
    vmx.set(`${name}.fileName`, file ? context.vmxName(file) : "");
    vmx.set(`${name}.clientDevice`, undefined);
  } else if (type === undefined || /Remote/.test(type)) {
    vmx.set(`${name}.deviceType`, "atapi-cdrom");
    vmx.set(`${name}.fileName`, "");
    vmx.set(`${name}.clientDevice`, true);
  } else if (type === "VirtualCdromAtapiBackingInfo" || type === "VirtualCdromPassthroughBackingInfo") {
    vmx.set(`${name}.deviceType`, "atapi-cdrom");
    vmx.set(`${name}.fileName`, deviceName(device.backing));
    vmx.set(`${name}.clientDevice`, undefined);
  } else throw invalidBacking(index);
  writeConnectable(vmx, name, device.connectable);
}

function deviceName(backing: VirtualDevice["backing"]): string {
  return backing !== undefined && "deviceName" in backing ? String(backing.deviceName) : "";
}
