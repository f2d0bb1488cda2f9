import type { Property } from "../../../schema/index.ts";
import { findManagedObject, findType, isSubtype } from "../../../schema/index.ts";
import { isA, isReference, typeOf } from "./objects.ts";
import { isPrimitive, isTextual } from "./primitives.ts";
import { XmlError } from "./xml-reader.ts";

type Declared = Pick<Property, "type" | "reference" | "array">;

/** By managed type and path. Null if the schema cannot tell. */
const known = new Map<string, Declared | null>();

/**
 * Checks the objects in a property collector's answer. On the wire their properties are `anyType`, so only this check
 * shows whether each has the type of its path in the schema.
 * @throws XmlError with the first property that does not
 */
export function requireDeclaredTypes(result: unknown): void {
  if (isA(result, "RetrieveResult")) {
    for (const { obj, propSet } of result.objects) {
      for (const { name, val } of propSet ?? []) requireDeclared(obj.type, name, val);
    }
  }
  if (!isA(result, "UpdateSet")) return;
  for (const { objectSet } of result.filterSet ?? []) {
    for (const { obj, changeSet } of objectSet ?? []) {
      for (const { name, val } of changeSet ?? [])
        if (val !== undefined) requireDeclared(obj.type, name, val);
    }
  }
}

function requireDeclared(managed: string, path: string, value: unknown): void {
  const declared = declaredAt(managed, path);
  if (!declared) return;
  const fits = declared.array
    ? Array.isArray(value) && value.every((item) => isOf(item, declared))
    : isOf(value, declared);
  if (fits) return;
  throw new XmlError(`${path} of a ${managed} is no ${declared.type}${declared.array ? " array" : ""}`);
}

function declaredAt(managed: string, path: string): Declared | null {
  const key = `${managed} ${path}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  let properties = findManagedObject(managed)?.properties ?? [];
  let found: Property | undefined;
  for (const segment of path.split(".")) {
    found = properties.find(({ name }) => name === segment);
    const type = found && !found.array && !found.reference ? findType(found.type) : undefined;
    properties = type?.kind === "data" ? type.properties : [];
  }
  const declared = found ?? null;
  // Paths that a host makes up must not fill the memory.
  if (found) known.set(key, declared);
  return declared;
}

function isOf(value: unknown, { type, reference }: Declared): boolean {
  if (reference) return isReference(value);
  if (type === "anyType") return true;
  if (type === "boolean") return typeof value === "boolean";
  if (isPrimitive(type)) return typeof value === (isTextual(type) ? "string" : "number");
  if (findType(type)?.kind === "enum") return typeof value === "string";
  const own = typeOf(value);
  return own !== undefined && isSubtype(own, type);
}
