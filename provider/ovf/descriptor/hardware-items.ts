import { attribute, type XmlElement } from "../xml/xml.ts";

/** The fields of an `Item` of a VirtualHardwareSection that this package reads by name. */
export interface OvfHardwareItem {
  /** Its `ElementName`. */
  readonly name: string;
  /** CIM's number of the kind of device. */
  readonly resourceType: string;
  /** In lower case. */
  readonly subTypes: readonly string[];
  /** Whether the host must not leave it out. */
  readonly required: boolean;
  /** Deployment options that have this item. Undefined for all of them. */
  readonly options: readonly string[] | undefined;
  /** Id of the descriptor's disk that the machine gets by this item. */
  readonly diskId: string | undefined;
  /** Fields that are a property's value (`${…}`), by name, with the value as written. */
  readonly open: Readonly<Record<string, string>>;
}

/** Texts for people. A `${…}` in them has no meaning. */
const WORDS: ReadonlySet<string> = new Set(["Caption", "Description", "ElementName"]);

/** A disk of the descriptor, as an item names it. The scheme is `ovf:`, and some tools leave it out. */
const DISK = /^(?:[\w-]{1,20}:)?\/{1,2}disk\/(.+)$/;

/** A CIM value of a hardware item. Its namespace depends on the OVF version and the kind of item, its name does not. */
export function cim(item: XmlElement, name: string): string {
  return item.children.find((child) => child.name === name && isCim(child))?.text.trim() ?? "";
}

const isCim = ({ namespace }: XmlElement): boolean => namespace.includes("/cim-schema/");

/** The items without those that only give a range. */
export function readHardwareItems(
  section: XmlElement,
  optionsOf: (item: XmlElement) => readonly string[] | undefined,
): readonly OvfHardwareItem[] {
  return itemElements(section).map((item) => readHardwareItem(item, section.namespace, optionsOf(item)));
}

/** The elements of the items without those that only give a range. */
export function itemElements(section: XmlElement): readonly XmlElement[] {
  const ns = section.namespace;
  return section.children
    .filter((child) => /^(Item|StorageItem|EthernetPortItem)$/.test(child.name) && child.namespace === ns)
    .filter((item) => (attribute(item, ns, "bound") ?? "normal") === "normal");
}

export function readHardwareItem(
  item: XmlElement,
  namespace: string,
  options: readonly string[] | undefined,
): OvfHardwareItem {
  return {
    name: cim(item, "ElementName"),
    resourceType: cim(item, "ResourceType"),
    subTypes: cim(item, "ResourceSubType")
      .toLowerCase()
      .split(/[\s,]+/)
      .filter(Boolean),
    required: !/^(false|0)$/i.test(attribute(item, namespace, "required")?.trim() ?? ""),
    options,
    diskId: DISK.exec(cim(item, "HostResource"))?.[1],
    open: Object.fromEntries(
      item.children
        .filter((child) => isCim(child) && !WORDS.has(child.name) && child.text.includes("${"))
        .map((child) => [child.name, child.text.trim()]),
    ),
  };
}
