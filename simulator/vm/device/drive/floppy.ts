/** Floppy drives: an image on a datastore, the host's own drive, or a client's drive. */
import type { VirtualDevice, VirtualFloppy } from "../../../../schema/index.ts";
import type { Vmx } from "../../vmx.ts";
import { connectable, writeConnectable } from "../connectable.ts";
import { invalidBacking } from "../device-faults.ts";
import { backingText, type PlainDevice, presentNumbers, vmxFileName } from "../plain-device.ts";

const MAX = 2;

export function floppyNumbers(vmx: Vmx): number[] {
  return presentNumbers(vmx, "floppy", MAX);
}

export const FLOPPY: PlainDevice = {
  type: "VirtualFloppy",
  slot: "floppy",
  firstKey: 8000,
  max: MAX,

  read(context, number): VirtualFloppy & { readonly $type: string } {
    const { vmx, datastorePath } = context;
    const slot = `floppy${number}`;
    const name = vmx.get(`${slot}.fileName`) ?? "";
    const isImage = vmx.get(`${slot}.fileType`) === "file";
    return {
      $type: "VirtualFloppy",
      key: 8000 + number,
      deviceInfo: { label: `Floppy drive ${number + 1}`, summary: isImage ? `Image ${name}` : "Remote" },
      backing: backing(vmx, slot, isImage && name !== "" ? datastorePath(name) : name),
      connectable: connectable(context, slot, true),
      controllerKey: 400,
      unitNumber: number,
    };
  },

  write(context, slot, device, index): void {
    const { vmx } = context;
    const type = device.backing?.$type;
    if (type === "VirtualFloppyImageBackingInfo") {
      set(vmx, slot, "file", vmxFileName(context, device));
    } else if (type === "VirtualFloppyDeviceBackingInfo") {
      set(vmx, slot, "device", backingText(device, "deviceName"));
      if (backingText(device, "useAutoDetect") === "true") vmx.set(`${slot}.autodetect`, true);
    } else if (type === undefined || type === "VirtualFloppyRemoteDeviceBackingInfo") {
      set(vmx, slot, "device", "");
      vmx.set(`${slot}.clientDevice`, true);
    } else throw invalidBacking(index);
    writeConnectable(context, slot, device.connectable);
  },

  /** A host gives the VM a floppy drive if the `.vmx` says nothing about one. */
  removed: (vmx, slot) => vmx.set(`${slot}.present`, false),
};

function set(vmx: Vmx, slot: string, fileType: string, fileName: string): void {
  vmx.set(`${slot}.fileType`, fileType);
  vmx.set(`${slot}.fileName`, fileName);
  vmx.set(`${slot}.clientDevice`, undefined);
  vmx.set(`${slot}.autodetect`, undefined);
}

function backing(vmx: Vmx, slot: string, name: string): VirtualDevice["backing"] {
  if (vmx.get(`${slot}.fileType`) === "file") {
    const image = { $type: "VirtualFloppyImageBackingInfo", fileName: name };
    return image;
  }
  const isRemote = vmx.flag(`${slot}.clientDevice`) || (name === "" && !vmx.flag(`${slot}.autodetect`));
  const device = {
    $type: isRemote ? "VirtualFloppyRemoteDeviceBackingInfo" : "VirtualFloppyDeviceBackingInfo",
    deviceName: name,
    useAutoDetect: vmx.flag(`${slot}.autodetect`),
  };
  return device;
}
