/** Checks data objects against the vim25 table, as a strict encoder would. */
import { findDataObject, findType, isSubtype, type Property } from "../../../schema/index.ts";

/** What is wrong with a data object, path by path; empty if nothing is. */
export function findViolations(value: unknown, expectedType: string, path = expectedType): string[] {
  if (typeof value !== "object" || value === null) return [`${path} is no object`];
  const typeName = String(Reflect.get(value, "$type"));
  const type = findDataObject(typeName);
  if (type === undefined || !isSubtype(typeName, expectedType)) return [`${path} is a ${typeName}`];
  const unknown = Object.keys(value)
    .filter((key) => key !== "$type" && !type.properties.some(({ name }) => name === key))
    .map((key) => `${path}.${key} is not in the schema`);
  const wrong = type.properties.flatMap((property) =>
    checkProperty(Reflect.get(value, property.name), property, `${path}.${property.name}`),
  );
  return [...unknown, ...wrong];
}

function checkProperty(value: unknown, property: Property, path: string): string[] {
  if (value === undefined) return property.optional ? [] : [`${path} is missing`];
  if (!property.array) return checkValue(value, property, path);
  if (!Array.isArray(value)) return [`${path} is no array`];
  return value.flatMap((item: unknown, index) => checkValue(item, property, `${path}[${index}]`));
}

function checkValue(value: unknown, { type, reference }: Property, path: string): string[] {
  if (reference)
    return typeof Reflect.get(Object(value), "value") === "string" ? [] : [`${path} is no reference`];
  if (type === "anyType") return [];
  const found = findType(type);
  if (found?.kind === "data") return findViolations(value, type, path);
  if (found?.kind === "enum")
    return found.values.includes(String(value)) ? [] : [`${path} is ${String(value)}`];
  const primitive =
    type === "boolean" ? "boolean" : ["int", "long", "short"].includes(type) ? "number" : "string";
  return typeof value === primitive ? [] : [`${path} is a ${typeof value} instead of ${type}`];
}
