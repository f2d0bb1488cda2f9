import { cim, itemElements, type OvfHardwareItem, readHardwareItem } from "../descriptor/hardware-items.ts";
import { attribute, type XmlElement } from "../xml/xml.ts";

/** CIM's numbers for the types of hardware items. */
export const RESOURCE = {
  other: "1",
  processor: "3",
  memory: "4",
  ide: "5",
  scsi: "6",
  ethernet: "10",
  floppy: "14",
  cdrom: "15",
  dvd: "16",
  disk: "17",
  storage: "20",
  usb: "23",
  video: "24",
  logicalDisk: "31",
  sound: "35",
} as const;

/** More than any machine has. Larger sections are left to the host. */
const MAX_ITEMS = 1000;

/** A hardware item and its element. */
export interface Item extends OvfHardwareItem {
  readonly element: XmlElement;
  readonly instanceId: string;
}

/** The items of a VirtualHardwareSection, without those that only give a range. */
export function itemsOf(section: XmlElement): readonly Item[] {
  const elements = itemElements(section);
  if (elements.length > MAX_ITEMS) return [];
  return elements.map((element) => ({
    ...readHardwareItem(element, section.namespace, optionsOf(element, section.namespace)),
    element,
    instanceId: cim(element, "InstanceID") || cim(element, "InstanceId"),
  }));
}

/** The element of an item's field, such as `Parent`. Undefined if it has none. */
export function field({ element }: Item, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name && child.namespace.includes("/cim-schema/"));
}

/** The deployment options of an element. Undefined for all of them. */
function optionsOf(element: XmlElement, namespace: string): readonly string[] | undefined {
  return attribute(element, namespace, "configuration")?.split(/\s+/).filter(Boolean);
}

/** Whether two items can be in one machine. */
export function meet({ options: one }: Item, { options: other }: Item): boolean {
  return one === undefined || other === undefined || one.some((option) => other.includes(option));
}
