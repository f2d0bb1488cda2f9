/**
 * The properties of a descriptor's ProductSections. A host without vCenter gives none to the guest. It only checks the
 * given values, and uses them where the descriptor refers to them.
 */
import type { KeyValue } from "../../../schema/index.ts";
import {
  invalidParameter,
  missingAttribute,
  type Problems,
  propertyType,
  propertyValue,
} from "./descriptor-faults.ts";
import { isInConfiguration, ovfAttribute, ovfChildren, vmwAttribute } from "./namespaces.ts";
import type { XmlElement } from "./xml-with-lines.ts";

export interface OvfProperty {
  /** `class.id.instance`, without the parts that the section does not have. */
  readonly key: string;
  readonly id: string;
  readonly type: string;
  readonly qualifiers: string;
  readonly defaultValue: string | undefined;
  readonly element: XmlElement;
}

const INTEGERS: Readonly<Record<string, readonly [bigint, bigint]>> = {
  uint8: [0n, 2n ** 8n - 1n],
  sint8: [-(2n ** 7n), 2n ** 7n - 1n],
  uint16: [0n, 2n ** 16n - 1n],
  sint16: [-(2n ** 15n), 2n ** 15n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  sint32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
  sint64: [-(2n ** 63n), 2n ** 63n - 1n],
  int: [-(2n ** 63n), 2n ** 63n - 1n],
};
const OTHER_TYPES = ["string", "boolean", "real", "real32", "real64", "ip", "password"];

export function readProperties(
  system: XmlElement,
  configuration: string | undefined,
  problems: Problems,
): Map<string, OvfProperty> {
  const properties = new Map<string, OvfProperty>();
  for (const section of ovfChildren(system, "ProductSection")) {
    if (!isInConfiguration(section, configuration)) continue;
    for (const element of ovfChildren(section, "Property")) {
      const property = readProperty(section, element, configuration, problems);
      if (property !== undefined) properties.set(property.key, property);
    }
  }
  return properties;
}

function readProperty(
  section: XmlElement,
  element: XmlElement,
  configuration: string | undefined,
  problems: Problems,
): OvfProperty | undefined {
  const id = ovfAttribute(element, "key");
  const type = ovfAttribute(element, "type");
  if (id === undefined || type === undefined) {
    problems.error(missingAttribute(element, id === undefined ? "key" : "type"));
    return undefined;
  }
  if (
    INTEGERS[type] === undefined &&
    !/^(string|int|ip|password)\(.*\)$/.test(type) &&
    !OTHER_TYPES.includes(type)
  ) {
    problems.error(propertyType(element, type));
  }
  const value = ovfChildren(element, "Value").find((one) => isInConfiguration(one, configuration));
  const affixes = [ovfAttribute(section, "class"), id, ovfAttribute(section, "instance")];
  return {
    key: affixes.filter((part) => part !== undefined && part !== "").join("."),
    id,
    type,
    qualifiers: `${ovfAttribute(element, "qualifiers") ?? ""} ${vmwAttribute(element, "qualifiers") ?? ""}`,
    defaultValue:
      (value === undefined ? undefined : ovfAttribute(value, "value")) ?? ovfAttribute(element, "value"),
    element,
  };
}

/** The value of each property: the given one, otherwise its default. */
export function propertyValues(
  properties: ReadonlyMap<string, OvfProperty>,
  given: readonly KeyValue[],
  problems: Problems,
): Map<string, string> {
  const values = new Map<string, string>();
  for (const { key, defaultValue } of properties.values()) {
    if (defaultValue !== undefined) values.set(key, defaultValue);
  }
  for (const { key, value } of given) {
    const property = properties.get(key);
    if (property === undefined) {
      problems.error(invalidParameter("propertyMapping", `the OVF package has no property '${key}'`));
    } else if (isValid(property, value)) values.set(key, value);
    else problems.error(propertyValue(property.element, key, property.type, shownValue(property, value)));
  }
  return values;
}

function shownValue({ element, type }: OvfProperty, value: string): string {
  const secret =
    type.startsWith("password") || ["true", "1"].includes(ovfAttribute(element, "password") ?? "");
  return secret ? "" : value;
}

function isValid({ type, qualifiers }: OvfProperty, value: string): boolean {
  const integers = INTEGERS[type];
  if (integers !== undefined) {
    if (!/^[+-]?\d+$/.test(value)) return false;
    const number = BigInt(value.replace(/^\+/, ""));
    return number >= integers[0] && number <= integers[1];
  }
  if (type === "boolean") return /^(true|false)$/i.test(value);
  if (type.startsWith("real")) return value.trim() !== "" && Number.isFinite(Number(value));
  return satisfies(qualifiers, value);
}

/** `MinLen(1) MaxLen(8) ValueMap{"a","b"}`, each at most once. */
function satisfies(qualifiers: string, value: string): boolean {
  const length = [...value].length;
  const minimum = /\bMinLen\((\d+)\)/i.exec(qualifiers)?.[1];
  const maximum = /\bMaxLen\((\d+)\)/i.exec(qualifiers)?.[1];
  const allowed = /\bValueMap\{(.*?)\}/i.exec(qualifiers)?.[1];
  if (minimum !== undefined && length < Number(minimum)) return false;
  if (maximum !== undefined && length > Number(maximum)) return false;
  if (allowed === undefined) return true;
  return [...allowed.matchAll(/"((?:[^"\\]|\\.)*)"/g)].some(
    ([, item]) => item?.replace(/\\(.)/g, "$1") === value,
  );
}
