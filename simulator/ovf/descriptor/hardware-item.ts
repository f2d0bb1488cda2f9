/** One `Item` of a VirtualHardwareSection: setting data of CIM, read field by field. */
import {
  invalidElementValue,
  missingElement,
  type Problems,
  unsupportedElement,
} from "./descriptor-faults.ts";
import {
  cimChildren,
  isRequired,
  ovfAttribute,
  ovfChildren,
  vmwAttribute,
  vmwChildren,
} from "./namespaces.ts";
import { parseQuantity } from "./units.ts";
import type { XmlElement } from "./xml-with-lines.ts";

/** CIM's numbers for the resource types of a virtual machine. */
export const RESOURCE = {
  other: 1,
  cpu: 3,
  memory: 4,
  ide: 5,
  scsi: 6,
  ethernet: 10,
  floppy: 14,
  cdrom: 15,
  dvd: 16,
  disk: 17,
  storage: 20,
  usb: 23,
  video: 24,
  logicalDisk: 31,
} as const;

/** A `vmw:Config` or `vmw:ExtraConfig`. */
export interface ConfigEntry {
  readonly key: string;
  readonly value: string;
  /** False if the host may leave it out when it does not know it. */
  readonly required: boolean;
  readonly element: XmlElement;
}

export class HardwareItem {
  readonly #element: XmlElement;
  readonly line: number;
  readonly instanceId: string;
  readonly resourceType: number;
  readonly elementName: string;
  /** False if the host may leave the item out. */
  readonly required: boolean;

  private constructor(element: XmlElement, instanceId: string, resourceType: number) {
    this.#element = element;
    this.line = element.line;
    this.instanceId = instanceId;
    this.resourceType = resourceType;
    this.required = isRequired(element);
    this.elementName = childOf(element, "ElementName")?.text.trim() ?? "";
  }

  /** Reads an item. Undefined, with the fault in `problems`, if a required field is missing. */
  static read(element: XmlElement, problems: Problems): HardwareItem | undefined {
    const field = (name: string) => childOf(element, name)?.text.trim();
    for (const name of ["ElementName", "InstanceID", "ResourceType"]) {
      if (!field(name)) {
        problems.error(missingElement(element, name));
        return undefined;
      }
    }
    const type = parseQuantity(field("ResourceType") ?? "");
    if (type === undefined) {
      const wrong = cimChildren(element, "ResourceType")[0];
      problems.error(invalidElementValue(wrong ?? element));
      return undefined;
    }
    return new HardwareItem(element, field("InstanceID") ?? "", type);
  }

  /** The element of a field, for its line. Undefined if the item has none. */
  field(name: string): XmlElement | undefined {
    return cimChildren(this.#element, name)[0];
  }

  /** The trimmed text of a field. Undefined if the item has none, or an empty one. */
  text(name: string): string | undefined {
    const text = this.field(name)?.text.trim();
    return text === "" ? undefined : text;
  }

  /** A field with a whole number. Undefined if there is none, or it is something else. */
  number(name: string): number | undefined {
    return parseQuantity(this.text(name) ?? "");
  }

  /** The subtypes that are allowed, in lower case. The preferred one comes first. */
  get subTypes(): string[] {
    return (this.text("ResourceSubType") ?? "")
      .toLowerCase()
      .split(/[\s,]+/)
      .filter((name) => name !== "");
  }

  /** Whether the device is connected when the VM starts. */
  get startConnected(): boolean {
    return !["false", "0"].includes(this.text("AutomaticAllocation")?.toLowerCase() ?? "true");
  }

  /** Cores in each socket. VMware adds this to the CPU item. */
  get coresPerSocket(): XmlElement | undefined {
    return vmwChildren(this.#element, "CoresPerSocket")[0];
  }

  /** `normal` for an item that counts, `min` or `max` for one that only gives a limit of a range. */
  get bound(): string {
    return ovfAttribute(this.#element, "bound") ?? "normal";
  }

  get hasConfiguration(): boolean {
    return ovfAttribute(this.#element, "configuration") !== undefined;
  }

  get configs(): ConfigEntry[] {
    return readConfigs(this.#element, "Config");
  }
}

/** The drafts of OVF 1 spell one of them differently, and have a caption where OVF 1 has a name. */
const OLDER: Readonly<Record<string, string>> = { InstanceID: "InstanceId", ElementName: "Caption" };

function childOf(element: XmlElement, name: string): XmlElement | undefined {
  return [name, OLDER[name]].flatMap((one) => (one === undefined ? [] : cimChildren(element, one)))[0];
}

/** The elements of all items of a section, in order. Items with names of OVF 2 are not known. */
export function itemElements(section: XmlElement, problems: Problems): XmlElement[] {
  for (const element of section.children) {
    if (["StorageItem", "EthernetPortItem"].includes(element.name)) {
      problems.report(isRequired(element), unsupportedElement(element));
    }
  }
  return ovfChildren(section, "Item");
}

export function readConfigs(element: XmlElement, name: "Config" | "ExtraConfig"): ConfigEntry[] {
  return vmwChildren(element, name).map((child) => ({
    key: vmwAttribute(child, "key") ?? "",
    value: vmwAttribute(child, "value") ?? "",
    required: isRequired(child),
    element: child,
  }));
}
