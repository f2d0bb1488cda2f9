/**
 * Reads vim25 values from XML as strictly as hostd: order of the schema, known elements, required elements, right
 * types.
 */
import {
  type DataObjectType,
  findType,
  isSubtype,
  type ManagedObjectReference,
  type Method,
  type Property,
} from "../../schema/index.ts";
import { invalidRequest, VimFault } from "./fault.ts";
import type { XmlElement } from "./xml.ts";

/** A decoded data object: its concrete type and its properties. */
interface DecodedObject {
  readonly $type: string;
  readonly [property: string]: unknown;
}

/**
 * The parameters of a call, by name.
 *
 * @param version the index in API_VERSIONS that both sides use. Newer elements are unknown
 * @throws VimFault InvalidRequest, with hostd's text
 */
export function decodeParameters(call: XmlElement, method: Method, version: number): Record<string, unknown> {
  return within(`call information for method ${method.name}`, () => {
    const [self, ...rest] = call.children;
    if (self?.name !== "_this") throw invalidRequest("Missing required parameter _this");
    const parameters = method.parameters.filter((one) => one.version <= version);
    return readProperties(
      rest,
      parameters,
      version,
      (name) => `Required parameter ${name} is missing from the call`,
    );
  });
}

/** The target of a call. @throws VimFault InvalidRequest */
export function decodeThis(call: XmlElement): ManagedObjectReference {
  const self = call.children[0];
  if (self?.name !== "_this") throw invalidRequest("Missing required parameter _this");
  return reference(self);
}

function readProperties(
  children: readonly XmlElement[],
  properties: readonly Property[],
  version: number,
  missing: (name: string) => string,
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  let next = 0;
  for (const child of children) {
    const index = properties.findIndex((one, place) => place >= next && one.name === child.name);
    const property = properties[index];
    if (property === undefined) throw invalidRequest(`Unexpected element tag "${child.name}" seen`);
    if (property.array) {
      const list = values[child.name];
      const value = decodeValue(child, property, version);
      if (Array.isArray(list)) list.push(value);
      else values[child.name] = [value];
      next = index;
    } else {
      values[child.name] = decodeValue(child, property, version);
      next = index + 1;
    }
  }
  for (const property of properties) {
    if (values[property.name] !== undefined || property.optional) continue;
    if (!property.array) throw invalidRequest(missing(property.name));
    values[property.name] = [];
  }
  return values;
}

function decodeValue(element: XmlElement, property: Property, version: number): unknown {
  if (property.reference) return reference(element, property.type);
  return decodeTyped(element, property.type, version);
}

function decodeTyped(element: XmlElement, declared: string, version: number): unknown {
  if (declared === "anyType") return decodeAny(element, version);
  const primitive = PRIMITIVES[declared];
  if (primitive) {
    if (element.xsiType !== undefined && element.xsiType !== declared) {
      throw invalidRequest(
        `Value of type "${element.xsiType}" is not a ${declared}, element "${element.name}"`,
      );
    }
    noChildren(element);
    return primitive(element);
  }
  const type = findType(declared);
  if (type === undefined) throw invalidRequest(`Unknown type "${declared}"`);
  if (type.kind === "enum") {
    noChildren(element);
    if (!type.values.includes(element.text)) {
      throw invalidRequest(
        `Invalid enum value "${element.text}" for type ${declared}, element "${element.name}"`,
      );
    }
    return element.text;
  }
  return decodeObject(element, declared, version);
}

function decodeObject(element: XmlElement, declared: string, version: number): DecodedObject {
  const name = element.xsiType ?? declared;
  const type = findType(name);
  if (type?.kind !== "data" || type.version > version) throw invalidRequest(`Type "${name}" is not known`);
  if (!isSubtype(name, declared)) {
    throw invalidRequest(`Type "${name}" is not a subtype of "${declared}", element "${element.name}"`);
  }
  if (element.children.length === 0 && element.text.trim() !== "") {
    throw invalidRequest(`Unexpected character data in data object of type ${name}`);
  }
  return within(`serialized DataObject of type ${name}`, () => ({
    $type: name,
    ...readProperties(
      element.children,
      knownProperties(type, version),
      version,
      (missing) => `Required property ${missing} is missing from data object of type ${name}`,
    ),
  }));
}

function knownProperties(type: DataObjectType, version: number): readonly Property[] {
  return type.properties.filter((one) => one.version <= version);
}

function decodeAny(element: XmlElement, version: number): unknown {
  const type = element.xsiType;
  if (type === undefined)
    throw invalidRequest(`Element "${element.name}" of type anyType carries no xsi:type`);
  if (type === "ManagedObjectReference") return reference(element);
  if (type.startsWith("ArrayOf")) {
    const item = lowerPrimitive(type.slice("ArrayOf".length));
    return element.children.map((child) =>
      item === "ManagedObjectReference" ? reference(child) : decodeTyped(child, item, version),
    );
  }
  return (type === "long" ? large(element) : undefined) ?? decodeTyped(element, type, version);
}

function lowerPrimitive(name: string): string {
  const lower = name.charAt(0).toLowerCase() + name.slice(1);
  return lower in PRIMITIVES || lower === "anyType" ? lower : name;
}

function reference(element: XmlElement, declared?: string): ManagedObjectReference {
  const type = element.attributes.get("type");
  const known = type === undefined ? undefined : findType(type);
  if (type === undefined || known?.kind !== "managed") {
    throw invalidRequest(`Unknown or missing type attribute in managed object reference "${element.name}"`);
  }
  if (declared !== undefined && declared !== "ManagedObject" && !isSubtype(type, declared)) {
    throw invalidRequest(`Reference of type "${type}" is not a "${declared}", element "${element.name}"`);
  }
  noChildren(element);
  return { type, value: element.text };
}

function noChildren(element: XmlElement): void {
  const child = element.children[0];
  if (child) throw invalidRequest(`Unexpected element tag "${child.name}" seen`);
}

function integer(bits: number): (element: XmlElement) => number {
  return (element) => Number(wholeNumber(element, bits));
}

function wholeNumber(element: XmlElement, bits: number): bigint {
  const text = element.text.trim();
  const value = /^[+-]?\d{1,20}$/.test(text) ? BigInt(text.replace("+", "")) : undefined;
  if (value === undefined || BigInt.asIntN(bits, value) !== value)
    throw invalidRequest(`Invalid integer value "${element.text}" in element "${element.name}"`);
  return value;
}

/** A number that a double cannot hold, in a place for any type: it is kept as text. */
function large(element: XmlElement): bigint | undefined {
  const value = wholeNumber(element, 64);
  return Number.isSafeInteger(Number(value)) ? undefined : value;
}

function real(element: XmlElement): number {
  const value = Number(element.text);
  if (element.text.trim() === "" || Number.isNaN(value)) {
    throw invalidRequest(`Invalid floating point value "${element.text}" in element "${element.name}"`);
  }
  return value;
}

function dateTime(element: XmlElement): string {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(element.text.trim())) {
    throw invalidRequest(`Invalid dateTime value "${element.text}" in element "${element.name}"`);
  }
  return element.text.trim();
}

function boolean(element: XmlElement): boolean {
  const text = element.text.trim();
  if (text === "true" || text === "1") return true;
  if (text === "false" || text === "0") return false;
  throw invalidRequest(`Invalid boolean value "${element.text}" in element "${element.name}"`);
}

const PRIMITIVES: Record<string, (element: XmlElement) => unknown> = {
  string: (element) => element.text,
  anyURI: (element) => element.text,
  base64Binary: (element) => element.text,
  boolean,
  byte: integer(8),
  short: integer(16),
  int: integer(32),
  long: integer(64),
  float: real,
  double: real,
  dateTime,
};

function within<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof VimFault)) throw error;
    throw new VimFault(error.type, `${error.message}\n\nwhile parsing ${what}`);
  }
}
