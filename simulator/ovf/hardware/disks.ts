/** Hard disks of a descriptor's hardware. */
import type { VirtualDisk } from "../../../schema/index.ts";
import { invalidElementValue, missingElement } from "../descriptor/descriptor-faults.ts";
import { type HardwareItem, RESOURCE } from "../descriptor/hardware-item.ts";
import { description, hostResourceId, type ImportContext } from "../import-context.ts";

const KIB = 1024;

export function addDisk(context: ImportContext, item: HardwareItem): void {
  const { problems, references } = context;
  const resource = item.field("HostResource");
  if (resource === undefined) {
    problems.error(missingElement(item.line, "HostResource"));
    return;
  }
  const disk = references.disks.get(hostResourceId(resource.text, "disk") ?? "");
  if (disk === undefined) {
    problems.error(invalidElementValue(resource));
    return;
  }
  const capacityBytes = disk.capacityBytes();
  const place = context.takePlace(item);
  if (capacityBytes === undefined || place === undefined) return;
  const device: VirtualDisk & { readonly $type: string } = {
    $type: "VirtualDisk",
    key: context.nextKey(),
    deviceInfo: description(item),
    backing: backing(context),
    controllerKey: place.controller.device.key,
    unitNumber: place.unitNumber,
    capacityInKB: Math.ceil(capacityBytes / KIB),
    capacityInBytes: Math.ceil(capacityBytes / KIB) * KIB,
  };
  context.addDevice(device, item, "create");
  if (disk.file !== undefined) context.addDeviceFile(disk.file, place, RESOURCE.disk, false);
}

function backing({ host, diskBacking }: ImportContext) {
  return {
    $type: "VirtualDiskFlatVer2BackingInfo",
    // Empty: beside the VM, under its name.
    fileName: "",
    datastore: host.datastore.moref,
    diskMode: "persistent",
    split: false,
    writeThrough: false,
    ...diskBacking,
  };
}
