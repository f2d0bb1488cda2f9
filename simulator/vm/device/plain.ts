/** Devices without a bus of their own: video card, VMCI, TPM, USB, floppy drives, serial ports. */
import type { VirtualDevice } from "../../../schema/index.ts";
import type { Vmx } from "../vmx.ts";
import type { DeviceContext } from "./context.ts";
import { invalidDevice } from "./device-faults.ts";
import { FLOPPY } from "./drive/floppy.ts";
import { type PlainDevice, presentNumbers } from "./plain-device.ts";
import { SERIAL } from "./serial.ts";
import { readVideo, VIDEO_KEY, writeVideo } from "./video.ts";

type Typed = VirtualDevice & { readonly $type: string };

const VMCI_KEY = 12_000;
const TPM_KEY = 11_000;
const NUMBERED: readonly PlainDevice[] = [FLOPPY, SERIAL];

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
    readVideo(vmx),
    vmci(),
    ...(vmx.flag("vtpm.present") ? [tpm()] : []),
    ...NUMBERED.flatMap((kind) =>
      presentNumbers(vmx, kind.slot, kind.max).map((number) => kind.read(context, number)),
    ),
  ];
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

/** Adds such a device. @returns its key. Undefined if it is none of these */
export function addPlain(context: DeviceContext, device: VirtualDevice, index: number): number | undefined {
  const { vmx } = context;
  const usb = USB[device.$type ?? ""];
  if (usb) {
    if (vmx.flag(`${usb.slot}.present`)) throw invalidDevice(index);
    vmx.set(`${usb.slot}.present`, true);
    writeEhci(vmx, device);
    return usb.key;
  }
  if (device.$type === "VirtualMachineVideoCard") return writeVideo(vmx, device, index);
  if (device.$type === "VirtualMachineVMCIDevice") return VMCI_KEY;
  const kind = NUMBERED.find(({ type }) => type === device.$type);
  if (kind === undefined) return undefined;
  const used = presentNumbers(vmx, kind.slot, kind.max);
  const number = Array.from({ length: kind.max }, (_, one) => one).find((one) => !used.includes(one));
  if (number === undefined) throw invalidDevice(index);
  kind.write(context, `${kind.slot}${number}`, device, index);
  vmx.set(`${kind.slot}${number}.present`, true);
  return kind.firstKey + number;
}

/** Changes such a device. @returns false if there is none with that key and of that type */
export function editPlain(context: DeviceContext, device: VirtualDevice, index: number): boolean {
  const { vmx } = context;
  const { key, $type } = device;
  if ($type === "VirtualMachineVideoCard" && key === VIDEO_KEY) {
    writeVideo(vmx, device, index);
    return true;
  }
  if ($type === "VirtualMachineVMCIDevice" && key === VMCI_KEY) return true;
  const usb = USB[$type ?? ""];
  if (usb?.key === key && vmx.flag(`${usb.slot}.present`)) {
    writeEhci(vmx, device);
    return true;
  }
  const found = numberedOfKey(vmx, key);
  if (found === undefined || found.kind.type !== $type) return false;
  found.kind.write(context, found.slot, device, index);
  return true;
}

/** Removes such a device. @returns false if there is none with that key */
export function removePlain({ vmx, connected }: DeviceContext, key: number): boolean {
  const usb = Object.values(USB).find((one) => one.key === key && vmx.flag(`${one.slot}.present`));
  const found = numberedOfKey(vmx, key);
  const slot = usb?.slot ?? found?.slot;
  if (slot === undefined) return false;
  vmx.removeDevice(slot);
  connected?.delete(slot);
  found?.kind.removed?.(vmx, slot);
  return true;
}

function numberedOfKey(vmx: Vmx, key: number): { kind: PlainDevice; slot: string } | undefined {
  for (const kind of NUMBERED) {
    const number = key - kind.firstKey;
    if (presentNumbers(vmx, kind.slot, kind.max).includes(number))
      return { kind, slot: `${kind.slot}${number}` };
  }
  return undefined;
}

function writeEhci(vmx: Vmx, device: VirtualDevice): void {
  if ("ehciEnabled" in device) vmx.set("ehci.present", device.ehciEnabled === true ? true : undefined);
}
