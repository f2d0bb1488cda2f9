/** Which devices of a VM can be changed while it runs or is suspended. */
import type { VirtualDevice, VirtualDeviceConfigSpec, VirtualEthernetCard } from "../../../schema/index.ts";
import type { BusSlot } from "./bus.ts";
import { controllerOfKey, slotName, slotOfKey } from "./bus.ts";
import type { DeviceContext } from "./context.ts";
import { ethernetOfKey, isEthernet, macAddress } from "./ethernet.ts";
import { backingText } from "./plain-device.ts";
import { diskMode } from "./virtual-disk.ts";

const CONTROLLERS =
  /^(ParaVirtualSCSI|VirtualLsiLogic|VirtualLsiLogicSAS|VirtualNVME|VirtualUSB|VirtualUSBXHCI)Controller$/;
const HOT_BUSES = ["scsi", "nvme"];

/**
 * True if a running VM accepts the change. Disks on SCSI and NVMe, network cards and controllers can be added. Drives
 * and ports can only get other media. Connecting a device does not count as a change here.
 *
 * @param slotOf the slot of a new device
 */
export function isHotPluggable(
  context: DeviceContext,
  { device, operation }: VirtualDeviceConfigSpec,
  slotOf: (device: VirtualDevice) => BusSlot | undefined,
): boolean {
  const type = device.$type ?? "";
  if (operation === "edit") return isHotEdit(context, device);
  if (isEthernet(type) || CONTROLLERS.test(type)) return true;
  if (type !== "VirtualDisk") return false;
  const slot = operation === "add" ? slotOf(device) : slotOfKey(device.key);
  return slot === undefined || HOT_BUSES.includes(slot.bus.prefix);
}

function isHotEdit(context: DeviceContext, device: VirtualDevice): boolean {
  const { vmx } = context;
  if (isMoved(device)) return false;
  switch (device.$type) {
    case "VirtualDisk":
      return isHotDiskEdit(context, device);
    case "VirtualMachineVideoCard":
    case "VirtualTPM":
      return false;
    case "VirtualSerialPort":
      return vmx.get(`serial${device.key - 9000}.fileName`) === serialName(context, device);
    default:
      if ("sharedBus" in device) return isSharedAlike(context, device);
      return !isEthernet(device.$type ?? "") || isHotCardEdit(context, device);
  }
}

/** True if a spec asks for another slot than that of the key. */
export function isMoved({ key, controllerKey, unitNumber }: VirtualDevice): boolean {
  const slot = slotOfKey(key);
  if (slot === undefined) return false;
  return (
    (controllerKey !== undefined && controllerKey !== slot.bus.controllerKey + slot.controller) ||
    (unitNumber !== undefined && unitNumber !== slot.unit)
  );
}

function isHotDiskEdit({ vmx, diskFacts, datastorePath }: DeviceContext, device: VirtualDevice): boolean {
  const slot = slotOfKey(device.key);
  if (slot === undefined) return true;
  const name = slotName(slot);
  const mode = backingText(device, "diskMode");
  if (mode !== "" && mode !== diskMode(vmx, name)) return false;
  const facts = diskFacts(datastorePath(vmx.get(`${name}.fileName`) ?? ""));
  const kb = "capacityInKB" in device ? Number(device.capacityInKB) : 0;
  return slot.bus.prefix !== "ide" || kb <= Math.floor((facts?.capacityBytes ?? 0) / 1024);
}

function isHotCardEdit({ vmx }: DeviceContext, card: VirtualEthernetCard): boolean {
  const number = ethernetOfKey(vmx, card.key);
  if (number === undefined) return true;
  const isStatic = vmx.get(`ethernet${number}.addressType`) === "static";
  const type = card.addressType?.toLowerCase();
  if (type !== undefined && type !== "" && (type === "manual") !== isStatic) return false;
  if (card.macAddress && card.macAddress.toLowerCase() !== macAddress(vmx, number)) return false;
  const wakes = vmx.flag(`ethernet${number}.wakeOnPcktRcv`);
  return card.wakeOnLanEnabled === undefined || card.wakeOnLanEnabled === wakes;
}

function isSharedAlike({ vmx }: DeviceContext, device: VirtualDevice): boolean {
  const number = controllerOfKey(device.key)?.controller ?? 0;
  const now = vmx.get(`scsi${number}.sharedBus`) ?? "none";
  const asked = "sharedBus" in device ? String(device.sharedBus).replace("Sharing", "") : now;
  return (asked === "no" ? "none" : asked) === now;
}

function serialName(context: DeviceContext, device: VirtualDevice): string {
  const file = backingText(device, "fileName");
  if (file !== "") return context.vmxName(context.resolve(file));
  return (
    backingText(device, "serviceURI") || backingText(device, "pipeName") || backingText(device, "deviceName")
  );
}
