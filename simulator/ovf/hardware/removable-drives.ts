/** CD and floppy drives of a descriptor's hardware, with the images in the package. */
import type { VirtualDeviceBackingInfo } from "../../../schema/index.ts";
import { formatDatastorePath } from "../../datastore/path.ts";
import { invalidElementValue, unsupportedSubType } from "../descriptor/descriptor-faults.ts";
import { type HardwareItem, RESOURCE } from "../descriptor/hardware-item.ts";
import type { OvfFile } from "../descriptor/references.ts";
import {
  connectInfo,
  description,
  hostResourceId,
  type ImportContext,
  type Place,
} from "../import-context.ts";
import { isoImagePath } from "../import-key.ts";

/** Every VM has the controller of floppy drives. */
const SIO_KEY = 400;
const FLOPPY_UNITS = 2;

const REMOTE_PASSTHROUGH = {
  $type: "VirtualCdromRemotePassthroughBackingInfo",
  deviceName: "",
  exclusive: false,
};
const DRIVES: Readonly<Record<string, VirtualDeviceBackingInfo>> = {
  "vmware.cdrom.iso": REMOTE_PASSTHROUGH,
  "vmware.cdrom.remotepassthrough": REMOTE_PASSTHROUGH,
  "vmware.cdrom.remoteatapi": withName("VirtualCdromRemoteAtapiBackingInfo"),
  "vmware.cdrom.atapi": withName("VirtualCdromAtapiBackingInfo"),
  "vmware.cdrom.passthrough": { ...REMOTE_PASSTHROUGH, $type: "VirtualCdromPassthroughBackingInfo" },
};

export function addCdrom(context: ImportContext, item: HardwareItem): void {
  const place = context.takePlace(item);
  if (place === undefined) return;
  const file = imageFile(context, item);
  if (file === "invalid") return;
  const backing = file === undefined ? driveBacking(context, item) : isoBacking(context, place, file);
  if (backing === undefined) return;
  context.addDevice(
    {
      $type: "VirtualCdrom",
      key: context.nextKey(),
      deviceInfo: description(item),
      backing,
      connectable: connectInfo(item),
      controllerKey: place.controller.device.key,
      unitNumber: place.unitNumber,
    },
    item,
  );
}

export function addFloppy(context: ImportContext, item: HardwareItem): void {
  const floppies = context.changes.filter(({ device }) => device.$type === "VirtualFloppy").length;
  if (floppies >= FLOPPY_UNITS || imageFile(context, item) !== undefined) {
    context.problems.report(item.required, unsupportedSubType(item, item.subTypes.join(" ")));
    return;
  }
  context.addDevice(
    {
      $type: "VirtualFloppy",
      key: context.nextKey(),
      deviceInfo: description(item),
      backing: withName("VirtualFloppyRemoteDeviceBackingInfo"),
      connectable: connectInfo(item),
      controllerKey: SIO_KEY,
      unitNumber: item.number("AddressOnParent") ?? floppies,
    },
    item,
  );
}

function imageFile(
  { references, problems }: ImportContext,
  item: HardwareItem,
): OvfFile | "invalid" | undefined {
  const resource = item.field("HostResource");
  if (resource === undefined || resource.text.trim() === "") return undefined;
  const file = references.files.get(hostResourceId(resource.text, "file") ?? "");
  if (file === undefined) problems.error(invalidElementValue(resource));
  return file ?? "invalid";
}

function isoBacking(context: ImportContext, place: Place, file: OvfFile): VirtualDeviceBackingInfo {
  const { vmName, host } = context;
  const number = context.fileItems.filter(({ cimType }) => cimType === RESOURCE.cdrom).length;
  context.addDeviceFile(file, place, RESOURCE.cdrom, true);
  const iso = {
    $type: "VirtualCdromIsoBackingInfo",
    fileName: formatDatastorePath({ datastore: host.datastore.name, path: isoImagePath(vmName, number) }),
    datastore: host.datastore.moref,
  };
  return iso;
}

function driveBacking({ problems }: ImportContext, item: HardwareItem): VirtualDeviceBackingInfo | undefined {
  if (item.subTypes.length === 0) return REMOTE_PASSTHROUGH;
  const backing = item.subTypes.map((name) => DRIVES[name]).find((one) => one !== undefined);
  if (backing === undefined)
    problems.report(item.required, unsupportedSubType(item, item.subTypes.join(" ")));
  return backing;
}

function withName($type: string) {
  return { $type, deviceName: "", useAutoDetect: false };
}
