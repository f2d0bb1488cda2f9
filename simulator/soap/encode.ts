/**
 * Writes vim25 values as XML from the schema table: base properties first, and only those that the client's version
 * has.
 */
import { findType, isSubtype, type Property } from "../../schema/index.ts";
import { escapeXml } from "./xml.ts";

type Declared = Pick<Property, "type" | "array" | "reference">;

/** A value in a place where the schema allows anyType, with its type. */
export class TypedValue {
  readonly declared: Declared;
  readonly value: unknown;

  constructor(declared: Declared, value: unknown) {
    this.declared = declared;
    this.value = value;
  }
}

/**
 * `<tag>…</tag>` once, or once per item of an array.
 *
 * @param version the index in API_VERSIONS. Newer properties are left out
 */
export function encode(tag: string, value: unknown, declared: Declared, version: number): string {
  if (value === undefined || value === null) return "";
  if (!declared.array) return encodeOne(tag, value, declared, version);
  if (!Array.isArray(value)) throw new TypeError(`${tag}: expected an array of ${declared.type}`);
  return value.map((item: unknown) => encodeOne(tag, item, declared, version)).join("");
}

function encodeOne(tag: string, value: unknown, declared: Declared, version: number): string {
  if (declared.reference) return encodeReference(tag, value, "");
  if (declared.type === "anyType") return encodeAny(tag, value, version);
  if (isPrimitive(declared.type)) return `<${tag}>${primitive(tag, value, declared.type)}</${tag}>`;
  const type = findType(declared.type);
  if (type?.kind === "enum") {
    if (typeof value !== "string" || !type.values.includes(value)) {
      throw new TypeError(`${tag}: ${String(value)} is no ${declared.type}`);
    }
    return `<${tag}>${value}</${tag}>`;
  }
  return encodeObject(tag, value, declared.type, version, false);
}

/** An element of type anyType. Its xsi:type names the actual type. */
export function encodeAny(tag: string, value: unknown, version: number): string {
  if (value instanceof TypedValue) return encodeDeclaredAny(tag, value, version);
  if (typeof value === "string") return `<${tag} xsi:type="xsd:string">${escapeXml(value)}</${tag}>`;
  if (typeof value === "boolean") return `<${tag} xsi:type="xsd:boolean">${value}</${tag}>`;
  if (typeof value === "bigint") return `<${tag} xsi:type="xsd:long">${value}</${tag}>`;
  if (typeof value === "number") {
    const type = Number.isInteger(value) ? (Math.abs(value) < 2 ** 31 ? "int" : "long") : "double";
    return `<${tag} xsi:type="xsd:${type}">${value}</${tag}>`;
  }
  if (isReference(value)) return encodeReference(tag, value, ' xsi:type="ManagedObjectReference"');
  if (isObject(value) && typeof value.$type === "string") {
    return encodeObject(tag, value, value.$type, version, true);
  }
  throw new TypeError(`${tag}: a value of unknown type`);
}

function encodeDeclaredAny(tag: string, typed: TypedValue, version: number): string {
  const { declared, value } = typed;
  if (declared.array) {
    const item = declared.reference ? "ManagedObjectReference" : declared.type;
    const name = item.charAt(0).toUpperCase() + item.slice(1);
    const inner = encode(isPrimitive(item) ? item : name, value, declared, version);
    return `<${tag} xsi:type="ArrayOf${name}">${inner}</${tag}>`;
  }
  if (declared.reference) return encodeReference(tag, value, ' xsi:type="ManagedObjectReference"');
  if (declared.type === "anyType") return encodeAny(tag, value, version);
  if (isPrimitive(declared.type)) {
    return `<${tag} xsi:type="xsd:${declared.type}">${primitive(tag, value, declared.type)}</${tag}>`;
  }
  if (findType(declared.type)?.kind === "enum") {
    return `<${tag} xsi:type="${declared.type}">${escapeXml(String(value))}</${tag}>`;
  }
  return encodeObject(tag, value, declared.type, version, true);
}

function encodeObject(
  tag: string,
  value: unknown,
  declared: string,
  version: number,
  typed: boolean,
): string {
  if (!isObject(value)) throw new TypeError(`${tag}: expected a ${declared}`);
  const name = typeof value.$type === "string" ? value.$type : declared;
  const type = findType(name);
  if (type?.kind !== "data" || !isSubtype(name, declared))
    throw new TypeError(`${tag}: ${name} is no ${declared}`);
  const known = new Set(type.properties.map((property) => property.name));
  for (const key of Object.keys(value)) {
    if (key !== "$type" && !known.has(key)) throw new TypeError(`${tag}: ${name} has no property ${key}`);
  }
  let inner = "";
  for (const property of type.properties) {
    if (property.version > version) continue;
    const item = value[property.name];
    if ((item === undefined || item === null) && !property.optional && !property.array) {
      throw new TypeError(`${tag}: ${name}.${property.name} is required`);
    }
    inner += encode(property.name, item, property, version);
  }
  const xsi = typed || name !== declared ? ` xsi:type="${name}"` : "";
  return `<${tag}${xsi}>${inner}</${tag}>`;
}

function encodeReference(tag: string, value: unknown, xsi: string): string {
  if (!isReference(value)) throw new TypeError(`${tag}: expected a managed object reference`);
  return `<${tag} type="${value.type}"${xsi}>${escapeXml(value.value)}</${tag}>`;
}

const PRIMITIVES: Record<string, string> = {
  string: "string",
  anyURI: "string",
  base64Binary: "string",
  dateTime: "string",
  boolean: "boolean",
  byte: "number",
  short: "number",
  int: "number",
  long: "number",
  float: "number",
  double: "number",
};

function isPrimitive(type: string): boolean {
  return type in PRIMITIVES;
}

function primitive(tag: string, value: unknown, type: string): string {
  if (typeof value !== PRIMITIVES[type]) throw new TypeError(`${tag}: ${String(value)} is no ${type}`);
  if (typeof value === "number" && type !== "float" && type !== "double" && !Number.isInteger(value)) {
    throw new TypeError(`${tag}: ${value} is no ${type}`);
  }
  return typeof value === "string" ? escapeXml(value) : String(value);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isReference(value: unknown): value is { type: string; value: string } {
  return (
    isObject(value) &&
    typeof value.type === "string" &&
    typeof value.value === "string" &&
    Object.keys(value).length === 2
  );
}
