/** The declarations of a descriptor before its virtual system: files, disks, networks. */
import {
  duplicateElement,
  invalidAttributeValue,
  missingAttribute,
  missingElement,
  type Problems,
  unsupportedAttribute,
  unsupportedAttributeValue,
} from "./descriptor-faults.ts";
import { ovfAttribute, ovfChild, ovfChildren } from "./namespaces.ts";
import { bytesPerUnit, parseQuantity } from "./units.ts";
import type { XmlElement } from "./xml-with-lines.ts";

export interface OvfFile {
  readonly id: string;
  readonly href: string;
  readonly sizeBytes: number | undefined;
  readonly chunkSizeBytes: number | undefined;
}

interface OvfDisk {
  readonly id: string;
  /** Undefined for a disk that begins empty. */
  readonly file: OvfFile | undefined;
  /**
   * Reports a capacity that is no size. A capacity by a property is looked at where a machine gets the disk: appliances
   * describe the disks of all their deployment options, and each option has the properties of its own disks.
   */
  readonly capacityBytes: () => number | undefined;
}

export interface References {
  readonly files: ReadonlyMap<string, OvfFile>;
  readonly disks: ReadonlyMap<string, OvfDisk>;
  readonly networks: ReadonlySet<string>;
}

/** A capacity may be a property, `${size}`. This gives its value. Undefined if there is none. */
export type PropertyLookup = (key: string) => string | undefined;

export function readReferences(
  envelope: XmlElement,
  property: PropertyLookup,
  problems: Problems,
): References {
  const section = ovfChild(envelope, "References");
  if (section === undefined) problems.error(missingElement(envelope, "References"));
  const files = collect(section, "File", "id", problems, (element, id) => readFile(element, id, problems));
  return {
    files,
    disks: collect(ovfChild(envelope, "DiskSection"), "Disk", "diskId", problems, (element, id) =>
      readDisk(element, id, files, property, problems),
    ),
    networks: new Set(
      collect(ovfChild(envelope, "NetworkSection"), "Network", "name", problems, (_, name) => name).keys(),
    ),
  };
}

function collect<Value>(
  section: XmlElement | undefined,
  name: string,
  key: string,
  problems: Problems,
  read: (element: XmlElement, id: string) => Value | undefined,
): Map<string, Value> {
  const found = new Map<string, Value>();
  for (const element of section === undefined ? [] : ovfChildren(section, name)) {
    const id = ovfAttribute(element, key);
    if (id === undefined) problems.error(missingAttribute(element, key));
    else if (found.has(id)) problems.error(duplicateElement(element, name, id));
    else {
      const value = read(element, id);
      if (value !== undefined) found.set(id, value);
    }
  }
  return found;
}

function readFile(element: XmlElement, id: string, problems: Problems): OvfFile | undefined {
  const href = ovfAttribute(element, "href");
  if (href === undefined) {
    problems.error(missingAttribute(element, "href"));
    return undefined;
  }
  if (href === "") problems.error(invalidAttributeValue("OvfInvalidValueEmpty", element, "href", href));
  const compression = ovfAttribute(element, "compression") ?? "identity";
  if (compression !== "identity" && compression !== "") {
    problems.error(unsupportedAttributeValue(element, "compression", compression));
  }
  return {
    id,
    href,
    // A negative size means that it is not known.
    sizeBytes: /^-\d+$/.test(ovfAttribute(element, "size")?.trim() ?? "")
      ? undefined
      : readNumber(element, "size", problems),
    chunkSizeBytes: readNumber(element, "chunkSize", problems),
  };
}

function readNumber(element: XmlElement, name: string, problems: Problems): number | undefined {
  const text = ovfAttribute(element, name);
  if (text === undefined) return undefined;
  const value = parseQuantity(text);
  if (value === undefined) {
    problems.error(invalidAttributeValue("OvfInvalidValueFormatMalformed", element, name, text));
  }
  return value;
}

function readDisk(
  element: XmlElement,
  id: string,
  files: ReadonlyMap<string, OvfFile>,
  property: PropertyLookup,
  problems: Problems,
): OvfDisk | undefined {
  if (ovfAttribute(element, "parentRef") !== undefined)
    problems.error(unsupportedAttribute(element, "parentRef"));
  const fileRef = ovfAttribute(element, "fileRef") || undefined;
  const file = fileRef === undefined ? undefined : files.get(fileRef);
  if (fileRef !== undefined) {
    if (file === undefined) {
      problems.error(invalidAttributeValue("OvfInvalidValueReference", element, "fileRef", fileRef));
    }
    checkFormat(element, problems);
  }
  const read = () => readCapacity(element, property, problems);
  if (ovfAttribute(element, "capacity")?.startsWith("${")) return { id, file, capacityBytes: read };
  const capacityBytes = read();
  return capacityBytes === undefined ? undefined : { id, file, capacityBytes: () => capacityBytes };
}

function checkFormat(element: XmlElement, problems: Problems): void {
  const format = ovfAttribute(element, "format");
  if (format === undefined) problems.error(missingAttribute(element, "format"));
  else if (!/vmware\.com\/.*vmdk/i.test(format))
    problems.error(unsupportedAttributeValue(element, "format", format));
}

function readCapacity(element: XmlElement, property: PropertyLookup, problems: Problems): number | undefined {
  const text = ovfAttribute(element, "capacity");
  if (text === undefined) {
    problems.error(missingAttribute(element, "capacity"));
    return undefined;
  }
  const units = ovfAttribute(element, "capacityAllocationUnits") ?? "byte";
  const unitBytes = bytesPerUnit(units);
  if (unitBytes === undefined) {
    problems.error(
      invalidAttributeValue("OvfInvalidValueFormatMalformed", element, "capacityAllocationUnits", units),
    );
    return undefined;
  }
  const key = /^\$\{(.+)\}$/.exec(text)?.[1];
  const quantity = parseQuantity(key === undefined ? text : (property(key) ?? ""));
  if (quantity === undefined || quantity === 0 || !Number.isSafeInteger(quantity * unitBytes)) {
    const kind = key === undefined ? "OvfInvalidValueFormatMalformed" : "OvfInvalidValueReference";
    problems.error(invalidAttributeValue(kind, element, "capacity", text));
    return undefined;
  }
  return quantity * unitBytes;
}
