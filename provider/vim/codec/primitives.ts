import { EncodeError } from "./encode-error.ts";
import { XmlError } from "./xml-reader.ts";
import { escapeXml, unwritableCharacter } from "./xml-text.ts";

const INTEGER_BITS: Readonly<Record<string, number>> = { byte: 8, short: 16, int: 32, long: 64 };
const TEXT_TYPES = new Set(["string", "anyURI", "dateTime", "base64Binary"]);

/** True for types with an xsd name in the schema. */
export function isPrimitive(type: string): boolean {
  return (
    type in INTEGER_BITS ||
    TEXT_TYPES.has(type) ||
    type === "boolean" ||
    type === "double" ||
    type === "float"
  );
}

/** True for the primitives whose value is a text. */
export function isTextual(type: string): boolean {
  return TEXT_TYPES.has(type);
}

/** The escaped text of an element of that primitive type. Throws EncodeError for a value that the type cannot hold. */
export function encodePrimitive(type: string, value: unknown, path: string): string {
  if (TEXT_TYPES.has(type)) return encodeText(type, value, path);
  if (type === "boolean") {
    if (typeof value !== "boolean") throw wrongType(path, "a boolean", value);
    return String(value);
  }
  const bits = INTEGER_BITS[type];
  if (typeof value === "bigint" && bits !== undefined) {
    if (BigInt.asIntN(bits, value) === value) return String(value);
    throw new EncodeError(path, `must be an integer of ${bits} bits, but is ${value}`);
  }
  if (typeof value !== "number") throw wrongType(path, "a number", value);
  if (bits === undefined) return encodeFloat(value);
  const limit = Math.min(2 ** (bits - 1), Number.MAX_SAFE_INTEGER);
  if (!Number.isInteger(value) || value < -limit || value > (bits === 64 ? limit : limit - 1)) {
    throw new EncodeError(path, `must be an integer of ${bits} bits, but is ${value}`);
  }
  return String(value);
}

const INTEGER = /^[+-]?\d+$/;
const FLOAT = /^([+-]?(\d+(?:\.\d*)?|\.\d+)(e[+-]?\d+)?|NaN)$/i;
const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, "1": true, false: false, "0": false };

/** The value of an element of that primitive type. Throws XmlError for an invalid text. */
export function decodePrimitive(type: string, text: string): string | number | boolean {
  if (TEXT_TYPES.has(type)) return text;
  const bare = text.trim();
  if (type === "boolean") {
    const value = Object.hasOwn(BOOLEANS, bare) ? BOOLEANS[bare] : undefined;
    if (value === undefined) throw notOfType(type, bare);
    return value;
  }
  if (type in INTEGER_BITS) {
    if (!INTEGER.test(bare)) throw notOfType(type, bare);
    return Number(bare);
  }
  if (bare === "INF" || bare === "-INF")
    return bare === "INF" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  if (!FLOAT.test(bare)) throw notOfType(type, bare);
  return Number(bare);
}

/**
 * The same in a place for any type, where nobody calculates with the number. A whole number that a double cannot hold
 * becomes a bigint, so that it goes back to the host unchanged.
 */
export function decodeAnyPrimitive(type: string, text: string): string | number | bigint | boolean {
  const value = decodePrimitive(type, text);
  return type in INTEGER_BITS && !Number.isSafeInteger(value) ? BigInt(text.trim()) : value;
}

/** The message does not show the value, because it may be very long, and a secret. */
function notOfType(type: string, text: string): XmlError {
  return new XmlError(`a value of ${text.length} characters stands where one of the type ${type} belongs`);
}

/** The xsd type that an anyType element needs for a value. Undefined if the value is no primitive. */
export function primitiveTypeOf(value: unknown): string | undefined {
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "bigint") return "long";
  if (typeof value !== "number") return undefined;
  if (!Number.isSafeInteger(value)) return "double";
  return value >= -(2 ** 31) && value < 2 ** 31 ? "int" : "long";
}

function encodeText(type: string, value: unknown, path: string): string {
  if (typeof value !== "string") throw wrongType(path, "a string", value);
  const unwritable = unwritableCharacter(value);
  if (unwritable !== undefined) {
    throw new EncodeError(path, `holds the character ${unwritable}, which XML cannot carry`);
  }
  if (type === "dateTime" && Number.isNaN(Date.parse(value))) {
    throw new EncodeError(path, "must be an ISO 8601 date and time");
  }
  return escapeXml(value);
}

function encodeFloat(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? "-0" : String(value);
  return Number.isNaN(value) ? "NaN" : value > 0 ? "INF" : "-INF";
}

export function wrongType(path: string, wanted: string, value: unknown): EncodeError {
  const found = value === null ? "null" : Array.isArray(value) ? "an array" : typeof value;
  return new EncodeError(path, `must be ${wanted}, but is ${found}`);
}
