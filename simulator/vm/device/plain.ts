/** Devices without a bus of their own: video card, VMCI, floppy, serial port, USB. */
import type {
  VirtualDevice,
  VirtualFloppy,
  VirtualMachineVideoCard,
  VirtualSerialPort,
} from "../../../schema/index.ts";
import type { Vmx } from "../vmx.ts";
import { connectable, writeConnectable } from "./connectable.ts";
import type { DeviceContext } from "./context.ts";
import { invalidBacking, invalidDevice } from "./faults.ts";

type Typed = VirtualDevice & { readonly $type: string };

const VIDEO_KEY = 500;
const VMCI_KEY = 12_000;
const FLOPPY_KEY = 8000;
const SERIAL_KEY = 9000;
const TPM_KEY = 11_000;
const FLOPPIES = 2;
const SERIAL_PORTS = 32;

interface Controller {
  readonly slot: string;
  readonly key: number;
  readonly unit: number;
  readonly label: string;
}

const USB: Readonly<Record<string, Controller>> = {
  VirtualUSBController: { slot: "usb", key: 7000, unit: 22, label: "USB controller" },
  VirtualUSBXHCIController: { slot: "usb_xhci", key: 14_000, unit: 23, label: "USB xHCI controller" },
};

export function readPlain(context: DeviceContext): Typed[] {
  const { vmx } = context;
  const usb = Object.entries(USB)
    .filter(([, { slot }]) => vmx.flag(`${slot}.present`))
    .map(([type, { key, unit, label }]): Typed => {
      const device = {
        $type: type,
        key,
        deviceInfo: { label, summary: label },
        controllerKey: 100,
        unitNumber: unit,
        busNumber: 0,
        autoConnectDevices: false,
      };
      return type === "VirtualUSBController"
        ? { ...device, ...{ ehciEnabled: vmx.flag("ehci.present") } }
        : device;
    });
  return [
    ...usb,
    video(vmx),
    vmci(),
    ...(vmx.flag("vtpm.present") ? [tpm()] : []),
    ...numbers(vmx, "floppy", FLOPPIES).map((one) => floppy(context, one)),
    ...numbers(vmx, "serial", SERIAL_PORTS).map((one) => serial(context, one)),
  ];
}

function numbers(vmx: Vmx, prefix: string, count: number): number[] {
  return Array.from({ length: count }, (_, one) => one).filter((one) => vmx.flag(`${prefix}${one}.present`));
}

function video(vmx: Vmx): VirtualMachineVideoCard & Typed {
  return {
    $type: "VirtualMachineVideoCard",
    key: VIDEO_KEY,
    deviceInfo: { label: "Video card", summary: "Video card" },
    controllerKey: 100,
    unitNumber: 0,
    videoRamSizeInKB: (vmx.number("svga.vramSize") ?? 4_194_304) / 1024,
    numDisplays: vmx.number("svga.numDisplays") ?? 1,
    useAutoDetect: vmx.flag("svga.autodetect"),
    enable3DSupport: vmx.flag("mks.enable3d"),
    use3dRenderer: "automatic",
    graphicsMemorySizeInKB: 262_144,
  };
}

function tpm(): Typed {
  const label = "Virtual TPM";
  return {
    $type: "VirtualTPM",
    key: TPM_KEY,
    deviceInfo: { label, summary: "Trusted Platform Module" },
    controllerKey: 100,
    unitNumber: 24,
  };
}

function vmci(): Typed {
  const device = {
    $type: "VirtualMachineVMCIDevice",
    key: VMCI_KEY,
    deviceInfo: {
      label: "VMCI device",
      summary:
        "Device on the virtual machine PCI bus that provides support for the virtual machine communication interface",
    },
    controllerKey: 100,
    unitNumber: 17,
    id: -1,
    allowUnrestrictedCommunication: false,
    filterEnable: true,
  };
  return device;
}

function floppy({ vmx, datastorePath }: DeviceContext, number: number): VirtualFloppy & Typed {
  const slot = `floppy${number}`;
  const fileName = vmx.get(`${slot}.fileName`) ?? "";
  const image = {
    $type: "VirtualFloppyImageBackingInfo",
    fileName: fileName === "" ? "" : datastorePath(fileName),
  };
  const remote = { $type: "VirtualFloppyRemoteDeviceBackingInfo", deviceName: "", useAutoDetect: false };
  return {
    $type: "VirtualFloppy",
    key: FLOPPY_KEY + number,
    deviceInfo: { label: `Floppy drive ${number + 1}`, summary: "Remote" },
    backing: vmx.get(`${slot}.fileType`) === "file" ? image : remote,
    connectable: connectable(vmx, slot, true),
    controllerKey: 400,
    unitNumber: number,
  };
}

function serial({ vmx, datastorePath }: DeviceContext, number: number): VirtualSerialPort & Typed {
  const slot = `serial${number}`;
  const backing = {
    $type: "VirtualSerialPortFileBackingInfo",
    fileName: datastorePath(vmx.get(`${slot}.fileName`) ?? ""),
  };
  return {
    $type: "VirtualSerialPort",
    key: SERIAL_KEY + number,
    deviceInfo: { label: `Serial port ${number + 1}`, summary: backing.fileName },
    backing,
    connectable: connectable(vmx, slot, true),
    controllerKey: 400,
    unitNumber: number,
    yieldOnPoll: vmx.flag(`${slot}.yieldOnMsrRead`),
  };
}

/** Adds or edits such a device. @returns its key; undefined if it is none of these */
export function writePlain(
  context: DeviceContext,
  device: VirtualDevice,
  index: number,
  key?: number,
): number | undefined {
  const { vmx } = context;
  const usb = USB[device.$type ?? ""];
  if (usb) {
    if (key === undefined && vmx.flag(`${usb.slot}.present`)) throw invalidDevice(index);
    vmx.set(`${usb.slot}.present`, true);
    if ("ehciEnabled" in device) vmx.set("ehci.present", device.ehciEnabled === true ? true : undefined);
    return usb.key;
  }
  if (device.$type === "VirtualMachineVideoCard") return writeVideo(vmx, device);
  if (device.$type === "VirtualMachineVMCIDevice") return VMCI_KEY;
  if (device.$type === "VirtualFloppy") return writeFloppy(context, device, index, key);
  if (device.$type === "VirtualSerialPort") return writeSerial(context, device, index, key);
  return undefined;
}

/** Takes such a device out. @returns false if there is none with that key */
export function removePlain(vmx: Vmx, key: number): boolean {
  const slots = [
    ...Object.values(USB).map((usb): [number, string] => [usb.key, usb.slot]),
    ...numbers(vmx, "floppy", FLOPPIES).map((one): [number, string] => [FLOPPY_KEY + one, `floppy${one}`]),
    ...numbers(vmx, "serial", SERIAL_PORTS).map((one): [number, string] => [
      SERIAL_KEY + one,
      `serial${one}`,
    ]),
  ];
  const slot = slots.find(([one]) => one === key)?.[1];
  if (slot === undefined || !vmx.flag(`${slot}.present`)) return false;
  vmx.removeDevice(slot);
  if (slot.startsWith("floppy")) vmx.set(`${slot}.present`, false);
  return true;
}

function writeVideo(vmx: Vmx, device: VirtualMachineVideoCard): number {
  if (device.videoRamSizeInKB !== undefined) vmx.set("svga.vramSize", device.videoRamSizeInKB * 1024);
  if (device.numDisplays !== undefined) vmx.set("svga.numDisplays", device.numDisplays);
  if (device.useAutoDetect !== undefined) vmx.set("svga.autodetect", device.useAutoDetect);
  if (device.enable3DSupport !== undefined) vmx.set("mks.enable3d", device.enable3DSupport);
  return VIDEO_KEY;
}

function nextNumber(vmx: Vmx, prefix: string, count: number, index: number): number {
  const number = Array.from({ length: count }, (_, one) => one).find(
    (one) => !vmx.flag(`${prefix}${one}.present`),
  );
  if (number === undefined) throw invalidDevice(index);
  return number;
}

function writeFloppy(
  context: DeviceContext,
  device: VirtualFloppy,
  index: number,
  key: number | undefined,
): number {
  const { vmx } = context;
  const number = key === undefined ? nextNumber(vmx, "floppy", FLOPPIES, index) : key - FLOPPY_KEY;
  const slot = `floppy${number}`;
  vmx.set(`${slot}.present`, true);
  const image = device.backing?.$type === "VirtualFloppyImageBackingInfo";
  vmx.set(`${slot}.fileType`, image ? "file" : "device");
  vmx.set(`${slot}.fileName`, image ? vmxFileName(context, device) : "");
  writeConnectable(vmx, slot, device.connectable);
  return FLOPPY_KEY + number;
}

function writeSerial(
  context: DeviceContext,
  device: VirtualDevice,
  index: number,
  key: number | undefined,
): number {
  const { vmx } = context;
  if (device.backing?.$type !== "VirtualSerialPortFileBackingInfo") throw invalidBacking(index);
  const number = key === undefined ? nextNumber(vmx, "serial", SERIAL_PORTS, index) : key - SERIAL_KEY;
  const slot = `serial${number}`;
  vmx.set(`${slot}.present`, true);
  vmx.set(`${slot}.fileType`, "file");
  vmx.set(`${slot}.fileName`, vmxFileName(context, device));
  if ("yieldOnPoll" in device) vmx.set(`${slot}.yieldOnMsrRead`, device.yieldOnPoll === true);
  writeConnectable(vmx, slot, device.connectable);
  return SERIAL_KEY + number;
}

function vmxFileName(context: DeviceContext, device: VirtualDevice): string {
  const name =
    device.backing !== undefined && "fileName" in device.backing ? String(device.backing.fileName) : "";
  return name === "" ? "" : context.vmxName(context.resolve(name));
}
