import type { DataObjectType, Method, Property } from "../../../schema/index.ts";
import { API_VERSIONS, findDataObject, findType, isSubtype } from "../../../schema/index.ts";
import { EncodeError } from "./encode-error.ts";
import { isRecord, isReference, typeOf } from "./objects.ts";
import { encodePrimitive, isPrimitive, primitiveTypeOf, wrongType } from "./primitives.ts";
import { escapeXml } from "./xml-text.ts";

/**
 * The parameters of a method as XML, in schema order. `version` is the host's API version, as its index in
 * API_VERSIONS. Throws EncodeError for an unknown or missing parameter or property, a value of the wrong type, and
 * anything that is newer than the host.
 */
export function encodeParameters(method: Method, parameters: object, version: number): string {
  requireVersion(method.version, version, method.name);
  return new Encoder(version).properties(method.parameters, parameters, method.name);
}

/** A data object as one element of that name. Throws as encodeParameters does. */
export function encodeDataObject(element: string, type: string, value: object, version: number): string {
  const property: Property = {
    name: element,
    type,
    array: false,
    reference: false,
    optional: false,
    version: 0,
  };
  return new Encoder(version).value(property, value, element);
}

class Encoder {
  readonly #version: number;

  constructor(version: number) {
    this.#version = version;
  }

  properties(known: readonly Property[], value: object, path: string): string {
    const given: Readonly<Record<string, unknown>> = { ...value };
    for (const key of Object.keys(given)) {
      if (key === "$type" || given[key] === undefined) continue;
      if (!known.some((property) => property.name === key)) {
        throw new EncodeError(`${path}.${key}`, "is not in the vim25 schema");
      }
    }
    let xml = "";
    for (const property of known) {
      const at = `${path}.${property.name}`;
      const item = given[property.name];
      if (item === undefined || item === null) {
        if (!property.optional && property.version <= this.#version) throw new EncodeError(at, "is required");
        continue;
      }
      requireVersion(property.version, this.#version, at);
      xml += property.array ? this.#array(property, item, at) : this.value(property, item, at);
    }
    return xml;
  }

  #array(property: Property, items: unknown, path: string): string {
    if (!Array.isArray(items)) throw wrongType(path, "an array", items);
    return items.map((item: unknown, index) => this.value(property, item, `${path}[${index}]`)).join("");
  }

  /** One element. */
  value({ name, type, reference }: Property, value: unknown, path: string): string {
    if (reference) {
      const { attributes, text } = encodeReference(value, type, path);
      return `<${name}${attributes}>${text}</${name}>`;
    }
    if (type === "anyType") return this.#any(name, value, path);
    if (isPrimitive(type)) return `<${name}>${encodePrimitive(type, value, path)}</${name}>`;
    const found = findType(type);
    if (found?.kind === "enum")
      return `<${name}>${encodeEnum(found.name, found.values, value, path)}</${name}>`;
    if (found?.kind === "data") return this.#dataObject(name, found, value, path);
    throw new EncodeError(path, `is of type ${type}, which the vim25 table does not have`);
  }

  #dataObject(name: string, declared: DataObjectType, value: unknown, path: string): string {
    if (!isRecord(value)) throw wrongType(path, `a ${declared.name}`, value);
    const own = typeOf(value) ?? declared.name;
    const type = own === declared.name ? declared : findDataObject(own);
    if (!type) throw new EncodeError(path, `has the $type ${own}, which is no data object of vim25`);
    if (!isSubtype(own, declared.name))
      throw new EncodeError(path, `must be a ${declared.name}, but is a ${own}`);
    requireVersion(type.version, this.#version, `${path} (${own})`);
    const attributes = type === declared ? "" : ` xsi:type="${own}"`;
    return `<${name}${attributes}>${this.properties(type.properties, value, path)}</${name}>`;
  }

  #any(name: string, value: unknown, path: string): string {
    const primitive = primitiveTypeOf(value);
    if (primitive !== undefined) {
      return `<${name} xsi:type="xsd:${primitive}">${encodePrimitive(primitive, value, path)}</${name}>`;
    }
    if (Array.isArray(value)) return this.#anyArray(name, value, path);
    if (isReference(value)) {
      const { attributes, text } = encodeReference(value, "ManagedObject", path);
      return `<${name}${attributes} xsi:type="ManagedObjectReference">${text}</${name}>`;
    }
    const own = typeOf(value);
    const type = own === undefined ? undefined : findDataObject(own);
    if (!type || !isRecord(value))
      throw new EncodeError(path, "needs a $type that names a data object of vim25");
    requireVersion(type.version, this.#version, `${path} (${type.name})`);
    return `<${name} xsi:type="${type.name}">${this.properties(type.properties, value, path)}</${name}>`;
  }

  #anyArray(name: string, items: readonly unknown[], path: string): string {
    const type = commonType(items);
    if (type === undefined) throw new EncodeError(path, "holds values that have no array type in common");
    const array = `${type.charAt(0).toUpperCase()}${type.slice(1)}`;
    const reference = type === "ManagedObjectReference";
    const element: Property = {
      name: type,
      type: reference ? "ManagedObject" : type,
      array: false,
      reference,
      optional: false,
      version: 0,
    };
    const inner = items.map((item, index) => this.value(element, item, `${path}[${index}]`)).join("");
    return `<${name} xsi:type="ArrayOf${array}">${inner}</${name}>`;
  }
}

function encodeReference(value: unknown, declared: string, path: string) {
  if (!isReference(value)) throw wrongType(path, `a reference to a ${declared}`, value);
  // ManagedObject is the base of all of them, and not in the table.
  const fits =
    declared === "ManagedObject" || findType(value.type) === undefined || isSubtype(value.type, declared);
  if (!fits) {
    throw new EncodeError(path, `must refer to a ${declared}, but refers to a ${value.type}`);
  }
  return {
    attributes: ` type="${escapeXml(value.type)}"`,
    text: encodePrimitive("string", value.value, path),
  };
}

function encodeEnum(type: string, values: readonly string[], value: unknown, path: string): string {
  if (typeof value !== "string" || !values.includes(value)) {
    throw new EncodeError(
      path,
      `must be one of ${type}'s values (${values.join(", ")}), but is ${String(value)}`,
    );
  }
  return value;
}

function commonType(items: readonly unknown[]): string | undefined {
  let common: string | undefined;
  for (const item of items) {
    const type = isReference(item) ? "ManagedObjectReference" : (primitiveTypeOf(item) ?? typeOf(item));
    if (type === undefined) return undefined;
    if (common === undefined || isSubtype(common, type)) common = type;
    else if (common === "int" && type === "long") common = type;
    else if (type !== common && !isSubtype(type, common) && !(common === "long" && type === "int"))
      return undefined;
  }
  return common ?? "string";
}

function requireVersion(needed: number, version: number, path: string): void {
  if (needed <= version) return;
  throw new EncodeError(
    path,
    `needs vSphere API ${API_VERSIONS[needed]}, but the host has ${API_VERSIONS[version]}`,
  );
}
