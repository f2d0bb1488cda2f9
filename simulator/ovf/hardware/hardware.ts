/**
 * The VirtualHardwareSection: which section counts, which of its items count, and the devices that are made of them.
 */
import { readControllers } from "../controllers.ts";
import {
  duplicateElement,
  missingElement,
  type Problems,
  unsupportedHardwareFamily,
  unsupportedSubType,
  unsupportedType,
} from "../descriptor/descriptor-faults.ts";
import { HardwareItem, itemElements, RESOURCE } from "../descriptor/hardware-item.ts";
import { cimChildren, isInConfiguration, ovfChild, ovfChildren } from "../descriptor/namespaces.ts";
import type { XmlElement } from "../descriptor/xml-with-lines.ts";
import { description, type ImportContext } from "../import-context.ts";
import { addDisk } from "./disks.ts";
import { addNetworkCard } from "./network-cards.ts";
import { addCdrom, addFloppy } from "./removable-drives.ts";

/** vmx-04 came with ESX 3, and is the oldest that hosts still run. */
const OLDEST_HARDWARE_VERSION = 4;
const VIDEO_CARD_KEY = 500;

const USB_CONTROLLERS: Readonly<Record<string, { readonly type: string; readonly since: number }>> = {
  "vmware.usb.ehci": { type: "VirtualUSBController", since: 4 },
  "vmware.usb.xhci": { type: "VirtualUSBXHCIController", since: 8 },
};

export interface Hardware {
  readonly section: XmlElement;
  /** `vmx-13`. Undefined if the descriptor leaves it to the host. */
  readonly version: string | undefined;
}

/** Chooses the section that this host can run. Undefined, with the fault in `problems`, if there is none. */
export function chooseHardware(
  system: XmlElement,
  configuration: string | undefined,
  maxHardwareVersion: number,
  problems: Problems,
): Hardware | undefined {
  const sections = ovfChildren(system, "VirtualHardwareSection").filter((one) =>
    isInConfiguration(one, configuration),
  );
  const [first] = sections;
  if (first === undefined) {
    problems.error(missingElement(system, "VirtualHardwareSection"));
    return undefined;
  }
  for (const section of sections) {
    const family = familyOf(section);
    if (family === undefined) return { section, version: undefined };
    const version = family.versions
      .map((name) => Number(/^vmx-(\d+)$/.exec(name)?.[1] ?? Number.NaN))
      .filter((number) => number >= OLDEST_HARDWARE_VERSION && number <= maxHardwareVersion)
      .reduce((best, number) => Math.max(best, number), 0);
    if (version > 0) return { section, version: `vmx-${String(version).padStart(2, "0")}` };
  }
  const family = familyOf(first);
  problems.error(unsupportedHardwareFamily(family?.element ?? first, family?.element.text.trim() ?? ""));
  return undefined;
}

function familyOf(section: XmlElement): { element: XmlElement; versions: string[] } | undefined {
  const system = ovfChild(section, "System");
  const element = system === undefined ? undefined : cimChildren(system, "VirtualSystemType")[0];
  if (element === undefined) return undefined;
  return { element, versions: element.text.split(/[\s,]+/).filter((name) => name !== "") };
}

/** The items for a deployment option. An item of the option replaces a general one with the same id. */
export function readItems(
  section: XmlElement,
  configuration: string | undefined,
  problems: Problems,
): HardwareItem[] {
  const items = new Map<string, HardwareItem>();
  for (const element of itemElements(section, problems)) {
    if (!isInConfiguration(element, configuration)) continue;
    const item = HardwareItem.read(element, problems);
    if (item === undefined || item.bound !== "normal") continue;
    const other = items.get(item.instanceId);
    if (other !== undefined && other.hasConfiguration === item.hasConfiguration) {
      problems.error(duplicateElement(element, "InstanceID", item.instanceId));
    } else if (other === undefined || item.hasConfiguration) items.set(item.instanceId, item);
  }
  return [...items.values()];
}

/** Makes the devices of all items except CPU and memory, controllers first. */
export function addDevices(context: ImportContext, items: readonly HardwareItem[]): void {
  const { nextKey, hardwareVersion, problems } = context;
  context.controllers = readControllers(items, { nextKey, hardwareVersion, problems });
  for (const item of items) {
    const controller = context.controllers.get(item.instanceId);
    if (controller !== undefined) context.addDevice(controller.device, item);
  }
  for (const item of items) addDevice(context, item);
}

type Adder = (context: ImportContext, item: HardwareItem) => void;

const done: Adder = () => {};
const ADDERS: Readonly<Record<number, Adder>> = {
  [RESOURCE.cpu]: done,
  [RESOURCE.memory]: done,
  [RESOURCE.ide]: done,
  [RESOURCE.scsi]: done,
  [RESOURCE.storage]: done,
  [RESOURCE.disk]: addDisk,
  [RESOURCE.logicalDisk]: addDisk,
  [RESOURCE.cdrom]: addCdrom,
  [RESOURCE.dvd]: addCdrom,
  [RESOURCE.floppy]: addFloppy,
  [RESOURCE.ethernet]: addNetworkCard,
  [RESOURCE.usb]: addUsbController,
  [RESOURCE.video]: addVideoCard,
  [RESOURCE.other]: addOther,
};

function addDevice(context: ImportContext, item: HardwareItem): void {
  const adder = ADDERS[item.resourceType];
  if (adder === undefined) context.problems.report(item.required, unsupportedType(item));
  else adder(context, item);
}

function addVideoCard(context: ImportContext, item: HardwareItem): void {
  const device = { $type: "VirtualMachineVideoCard", key: VIDEO_CARD_KEY, deviceInfo: description(item) };
  context.addDevice(device, item);
}

function addOther(context: ImportContext, item: HardwareItem): void {
  // Every VM has its VMCI device.
  if (item.subTypes.includes("vmware.vmci")) return;
  context.problems.report(item.required, unsupportedSubType(item, item.text("ResourceSubType") ?? ""));
}

function addUsbController(context: ImportContext, item: HardwareItem): void {
  const names = item.subTypes.length === 0 ? ["vmware.usb.ehci"] : item.subTypes;
  const $type = names
    .map((name) => USB_CONTROLLERS[name])
    .find((one) => one !== undefined && one.since <= context.hardwareVersion)?.type;
  if ($type === undefined) {
    context.problems.report(item.required, unsupportedSubType(item, item.text("ResourceSubType") ?? ""));
    return;
  }
  const device = {
    $type,
    key: context.nextKey(),
    deviceInfo: description(item),
    busNumber: item.number("Address") ?? 0,
  };
  context.addDevice(device, item);
}
