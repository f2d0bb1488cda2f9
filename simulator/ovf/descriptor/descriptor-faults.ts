/** The faults of CreateImportSpec, with hostd's texts. Most begin with the line of the descriptor. */
import type { LocalizedMethodFault, ManagedObjectReference, MethodFault } from "../../../schema/index.ts";
import type { XmlElement } from "./xml-with-lines.ts";

interface FaultObject extends MethodFault {
  readonly $type: string;
  readonly [field: string]: unknown;
}

/** The place of a fault: an element of the descriptor, or its line. */
type Place = XmlElement | number;

/** Errors and warnings found so far. */
export class Problems {
  readonly errors: LocalizedMethodFault[] = [];
  readonly warnings: LocalizedMethodFault[] = [];

  error(fault: LocalizedMethodFault): void {
    this.errors.push(fault);
  }

  warn(fault: LocalizedMethodFault): void {
    this.warnings.push(fault);
  }

  /** An error, or a warning if the descriptor does not require the part. */
  report(required: boolean, fault: LocalizedMethodFault): void {
    (required ? this.errors : this.warnings).push(fault);
  }
}

export function xmlFormat(line: number, description: string): LocalizedMethodFault {
  return at(
    line,
    { $type: "OvfXmlFormat", lineNumber: line, description },
    `Invalid OVF descriptor: ${description}`,
  );
}

export function wrongNamespace(place: Place, namespaceName: string): LocalizedMethodFault {
  const text = `Unsupported namespace '${namespaceName}'`;
  return at(place, { $type: "OvfWrongNamespace", lineNumber: line(place), namespaceName }, text);
}

export function unexpectedElement(place: XmlElement): LocalizedMethodFault {
  const fault = { $type: "OvfUnexpectedElement", lineNumber: place.line, name: place.name };
  return at(place, fault, `Unexpected element '${place.name}'`);
}

export function missingElement(place: Place, name: string): LocalizedMethodFault {
  return at(
    place,
    { $type: "OvfMissingElement", lineNumber: line(place), name },
    `Missing child element '${name}'`,
  );
}

export function missingAttribute(place: XmlElement, attributeName: string): LocalizedMethodFault {
  const fault = {
    $type: "OvfMissingAttribute",
    lineNumber: place.line,
    elementName: place.name,
    attributeName,
  };
  return at(place, fault, `Missing attribute '${attributeName}' on element '${place.name}'`);
}

export function duplicateElement(place: Place, name: string, id: string): LocalizedMethodFault {
  const fault = { $type: "OvfDuplicateElement", lineNumber: line(place), name };
  return at(place, fault, `Duplicate element '${name}' with id '${id}'`);
}

export function invalidElementValue(place: XmlElement, value = place.text.trim()): LocalizedMethodFault {
  const fault = { $type: "OvfElementInvalidValue", lineNumber: place.line, name: place.name, value };
  return at(place, fault, `Invalid value '${value}' for element '${place.name}'`);
}

export type InvalidValueKind =
  | "OvfInvalidValueConfiguration"
  | "OvfInvalidValueEmpty"
  | "OvfInvalidValueFormatMalformed"
  | "OvfInvalidValueReference";

export function invalidAttributeValue(
  kind: InvalidValueKind,
  place: XmlElement,
  attributeName: string,
  value: string,
): LocalizedMethodFault {
  const fault = { $type: kind, lineNumber: place.line, elementName: place.name, attributeName, value };
  return at(
    place,
    fault,
    `Invalid value '${value}' for attribute '${attributeName}' on element '${place.name}'`,
  );
}

/** For the key of a setting that the host does not know. */
export function unknownConfig(place: XmlElement, key: string): LocalizedMethodFault {
  const fault = {
    $type: "OvfInvalidValueFormatMalformed",
    lineNumber: place.line,
    elementName: place.name,
    attributeName: "key",
    value: key,
  };
  return at(place, fault, `Unable to parse '${key}' for attribute 'key' on element '${place.name}'`);
}

export function unsupportedAttribute(place: XmlElement, attributeName: string): LocalizedMethodFault {
  const fault = {
    $type: "OvfUnsupportedAttribute",
    lineNumber: place.line,
    elementName: place.name,
    attributeName,
  };
  return at(place, fault, `Unsupported attribute '${attributeName}' on element '${place.name}'`);
}

export function unsupportedAttributeValue(
  place: XmlElement,
  attributeName: string,
  value: string,
): LocalizedMethodFault {
  const where = { lineNumber: place.line, elementName: place.name, attributeName };
  const text = `Unsupported value '${value}' for attribute '${attributeName}' on element '${place.name}'`;
  return at(place, { $type: "OvfUnsupportedAttributeValue", ...where, value }, text);
}

export function unsupportedElement(place: XmlElement, name = place.name): LocalizedMethodFault {
  const fault = { $type: "OvfUnsupportedElement", lineNumber: place.line, name };
  return at(place, fault, `Unsupported element '${name}'`);
}

export function unsupportedElementValue(
  place: XmlElement,
  name: string,
  value: string,
): LocalizedMethodFault {
  const fault = { $type: "OvfUnsupportedElementValue", lineNumber: place.line, name, value };
  return at(place, fault, `Unsupported value '${value}' for element '${name}'`);
}

export function unsupportedSection(place: XmlElement, info: string): LocalizedMethodFault {
  const fault = { $type: "OvfUnsupportedSection", lineNumber: place.line, name: place.name, info };
  return at(place, fault, `Unsupported section '${place.name}' (${info})`);
}

export function unsupportedHardwareFamily(place: Place, version: string): LocalizedMethodFault {
  const fault = { $type: "OvfNoSupportedHardwareFamily", lineNumber: line(place), version };
  return at(place, fault, `Unsupported hardware family '${version}'`);
}

export function missingHardware(name: string, resourceType: number): LocalizedMethodFault {
  const message = `Missing hardware '${name}' (resource type ${resourceType}).`;
  return localize({ $type: "OvfMissingHardware", name, resourceType }, message);
}

/** The name of a hardware item in a fault. */
export interface ItemName {
  readonly line: number;
  readonly elementName: string;
  readonly instanceId: string;
  readonly resourceType: number;
}

export function unsupportedType(item: ItemName): LocalizedMethodFault {
  const { line: lineNumber, elementName: name, instanceId, resourceType: deviceType } = item;
  return at(
    lineNumber,
    { $type: "OvfUnsupportedType", lineNumber, name, instanceId, deviceType },
    `OVF hardware element 'ResourceType' with instance ID '${instanceId}': ` +
      `No support for the virtual hardware device type '${deviceType}'`,
  );
}

export function unsupportedSubType(item: ItemName, deviceSubType: string): LocalizedMethodFault {
  const { line: lineNumber, elementName, instanceId, resourceType: deviceType } = item;
  return at(
    lineNumber,
    { $type: "OvfUnsupportedSubType", lineNumber, elementName, instanceId, deviceType, deviceSubType },
    `OVF hardware element 'ResourceSubType' with instance ID '${instanceId}': ` +
      `No support for the virtual hardware device subtype '${deviceSubType}'`,
  );
}

export function noSpaceOnController(item: ItemName, parent: string): LocalizedMethodFault {
  const fault = { $type: "OvfNoSpaceOnController", lineNumber: item.line, name: item.elementName, parent };
  return at(item.line, fault, `No space left on the controller '${parent}' for '${item.elementName}'`);
}

export function noHostNic(item: ItemName): LocalizedMethodFault {
  const fault = { $type: "OvfNoHostNic", lineNumber: item.line };
  return at(item.line, fault, `The host has no network for '${item.elementName}'`);
}

export function mappedOsId(
  ovfId: number,
  ovfDescription: string,
  targetDescription: string,
): LocalizedMethodFault {
  return localize(
    { $type: "OvfMappedOsId", ovfId, ovfDescription, targetDescription },
    `The specified operating system identifier '${ovfDescription}' (id: ${ovfId}) is not supported on the selected ` +
      `host. It will be mapped to the following OS identifier: '${targetDescription}'.`,
  );
}

export function propertyType(place: XmlElement, type: string): LocalizedMethodFault {
  const fault = { $type: "OvfPropertyType", lineNumber: place.line, type, value: "" };
  return at(place, fault, `Unsupported property type '${type}'`);
}

/** The message does not show the value, because it may be a password. */
export function propertyValue(
  place: XmlElement,
  key: string,
  type: string,
  value: string,
): LocalizedMethodFault {
  const fault = { $type: "OvfPropertyValue", lineNumber: place.line, type, value };
  return at(place, fault, `The value given for property '${key}' is not valid for its type '${type}'`);
}

export function unsupportedDiskProvisioning(
  diskProvisioning: string,
  supported: readonly string[],
): LocalizedMethodFault {
  const supportedDiskProvisioning = supported.join(",");
  return localize(
    { $type: "OvfUnsupportedDiskProvisioning", diskProvisioning, supportedDiskProvisioning },
    `The disk provisioning type '${diskProvisioning}' is not supported; supported: ${supportedDiskProvisioning}.`,
  );
}

export function invalidVmName(name: string): LocalizedMethodFault {
  return localize(
    { $type: "OvfInvalidVmName", name },
    `The name '${name}' cannot be the name of a virtual machine.`,
  );
}

/** For an error in the parameters and not in the descriptor. */
export function invalidParameter(invalidProperty: string, why: string): LocalizedMethodFault {
  return localize(
    { $type: "InvalidArgument", invalidProperty },
    `A specified parameter was not correct: ${why}`,
  );
}

export function unknownNetwork(obj: ManagedObjectReference): LocalizedMethodFault {
  return localize(
    { $type: "ManagedObjectNotFound", obj },
    `The object 'vim.Network:${obj.value}' has already been deleted or has not been completely created.`,
  );
}

function line(place: Place): number {
  return typeof place === "number" ? place : place.line;
}

function at(place: Place, fault: FaultObject, text: string): LocalizedMethodFault {
  return localize(fault, `Line ${line(place)}: ${text}.`);
}

function localize(fault: FaultObject, localizedMessage: string): LocalizedMethodFault {
  return { $type: "LocalizedMethodFault", fault, localizedMessage };
}
