/** The devices of a VM as the API shows them, read from its `.vmx`. */
import type { VirtualController, VirtualDevice } from "../../../schema/index.ts";
import { BUSES, type Bus, type BusSlot, controllerType, hasController, slotName, usedSlots } from "./bus.ts";
import type { DeviceContext } from "./context.ts";
import { readCdrom } from "./drive/cdrom.ts";
import { readEthernet } from "./ethernet.ts";
import { readPlain } from "./plain.ts";
import { readDisk } from "./virtual-disk.ts";

type Typed = VirtualDevice & { readonly $type: string };

export function readDevices(context: DeviceContext): VirtualDevice[] {
  const controllers = BUSES.flatMap((bus) =>
    Array.from({ length: bus.controllers }, (_, number) => number)
      .filter((number) => hasController(context.vmx, bus, number))
      .map((number) => readController(context, bus, number)),
  );
  const ide = controllers.filter((one) => one.$type === "VirtualIDEController");
  const devices: Typed[] = [
    ...ide,
    ...chipset(),
    ...controllers.filter((one) => !ide.includes(one)),
    ...readPlain(context),
    ...usedSlots(context.vmx).map((slot) => readSlot(context, slot)),
    ...readEthernet(context),
  ];
  return devices.map((device) => withChildren(device, devices));
}

function readSlot(context: DeviceContext, slot: BusSlot): Typed {
  const type = context.vmx.get(`${slotName(slot)}.deviceType`) ?? "disk";
  return /cdrom/i.test(type) ? readCdrom(context, slot) : readDisk(context, slot);
}

/** The devices on the board of every VM. */
function chipset(): Typed[] {
  const on = (controllerKey: number, unitNumber: number): Partial<VirtualDevice> => ({
    controllerKey,
    unitNumber,
  });
  return [
    controller("VirtualPS2Controller", 300, "PS2 controller 0", 0),
    controller("VirtualPCIController", 100, "PCI controller 0", 0),
    controller("VirtualSIOController", 400, "SIO controller 0", 0),
    {
      $type: "VirtualKeyboard",
      key: 600,
      deviceInfo: { label: "Keyboard", summary: "Keyboard" },
      ...on(300, 0),
    },
    {
      $type: "VirtualPointingDevice",
      key: 700,
      deviceInfo: { label: "Pointing device", summary: "Pointing device; Device" },
      backing: pointingBacking(),
      ...on(300, 1),
    },
  ];
}

function pointingBacking(): VirtualDevice["backing"] {
  const backing = {
    $type: "VirtualPointingDeviceDeviceBackingInfo",
    deviceName: "",
    useAutoDetect: false,
    hostPointingDevice: "autodetect",
  };
  return backing;
}

function controller(type: string, key: number, label: string, busNumber: number): VirtualController & Typed {
  return { $type: type, key, deviceInfo: { label, summary: label }, busNumber };
}

const SCSI_SUMMARY: Readonly<Record<string, string>> = {
  pvscsi: "VMware paravirtual SCSI",
  lsilogic: "LSI Logic",
  lsisas1068: "LSI Logic SAS",
  buslogic: "BusLogic",
};
const SHARING: Readonly<Record<string, string>> = {
  none: "noSharing",
  virtual: "virtualSharing",
  physical: "physicalSharing",
};

function readController({ vmx }: DeviceContext, bus: Bus, number: number): VirtualController & Typed {
  const key = bus.controllerKey + number;
  const onPci = (unitNumber: number): Partial<VirtualController> => ({ controllerKey: 100, unitNumber });
  if (bus.prefix === "ide") return controller("VirtualIDEController", key, `IDE ${number}`, number);
  if (bus.prefix === "sata") {
    return {
      ...controller("VirtualAHCIController", key, `SATA controller ${number}`, number),
      ...onPci(24 + number),
    };
  }
  if (bus.prefix === "nvme") {
    return {
      ...controller("VirtualNVMEController", key, `NVME controller ${number}`, number),
      ...onPci(30 + number),
    };
  }
  const device = (vmx.get(`scsi${number}.virtualDev`) ?? "lsilogic").toLowerCase();
  const scsi = {
    ...controller(controllerType(vmx, bus, number), key, `SCSI controller ${number}`, number),
    deviceInfo: { label: `SCSI controller ${number}`, summary: SCSI_SUMMARY[device] ?? "LSI Logic" },
    ...onPci(3 + number),
    hotAddRemove: true,
    sharedBus: SHARING[vmx.get(`scsi${number}.sharedBus`) ?? "none"] ?? "noSharing",
    scsiCtlrUnitNumber: 7,
  };
  return scsi;
}

const CONTROLLER_TYPES = /Controller$/;

function withChildren(device: Typed, all: readonly Typed[]): Typed {
  if (!CONTROLLER_TYPES.test(device.$type)) return device;
  const children = all.filter((one) => one.controllerKey === device.key).map((one) => one.key);
  const controllerWithChildren = { ...device, device: children };
  return children.length === 0 ? device : controllerWithChildren;
}
