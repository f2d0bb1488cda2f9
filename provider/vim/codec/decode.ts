import type { DataObjectType, Property } from "../../../schema/index.ts";
import { findDataObject, findType, isSubtype } from "../../../schema/index.ts";
import { decodePrimitive, isPrimitive } from "./primitives.ts";
import { type Attributes, type ElementReader, isNil, schemaType } from "./xml-reader.ts";

export type Decoded = Record<string, unknown> & { $type: string };
type Take = (value: unknown) => void;
/** Begins to read an element whose attributes these are. */
type Read = (attributes: Attributes, take: Take) => ElementReader;

/** Reads the elements of a few properties, as a method's result is one. `take` gets an object with those that are there. */
export function propertiesReader(
  properties: readonly Property[],
  take: (found: Readonly<Record<string, unknown>>) => void,
): ElementReader {
  return new ObjectReader({}, propertiesOf(properties), take);
}

/** Reads an element as a data object of the declared type or of the subtype that it names; `$type` says which. */
export function dataObjectReader(
  declared: string,
  attributes: Attributes,
  take: (object: Decoded) => void,
): ElementReader {
  const type = concreteType(declared, schemaType(attributes));
  return new ObjectReader({ $type: type?.name ?? declared }, type && propertiesOf(type.properties), take);
}

/** Reads a fault's detail: `<InvalidLoginFault xsi:type="InvalidLogin">`, whose name alone may have to do. */
export function faultDetailReader(take: (detail: Decoded) => void): ElementReader {
  let found: Decoded | undefined;
  return {
    child(name, attributes) {
      if (found) return undefined;
      const $type = schemaType(attributes) ?? name.replace(/Fault$/, "");
      found = { $type };
      return dataObjectReader($type, attributes, (detail) => {
        found = { ...detail, $type };
      });
    },
    end: () => take(found ?? { $type: "RuntimeFault" }),
  };
}

interface Properties {
  /** How each is read, by the name of its elements. */
  readonly byName: ReadonlyMap<string, { readonly array: boolean; readonly read: Read }>;
  /** Names of those that are an empty array where nothing is said. */
  readonly arrays: readonly string[];
}

const known = new WeakMap<readonly Property[], Properties>();

function propertiesOf(properties: readonly Property[]): Properties {
  const found = known.get(properties);
  if (found) return found;
  const made = {
    byName: new Map(
      properties.map((property) => [property.name, { array: property.array, read: readOf(property) }]),
    ),
    arrays: properties.filter(({ array, optional }) => array && !optional).map(({ name }) => name),
  };
  known.set(properties, made);
  return made;
}

class ObjectReader<Into extends Record<string, unknown>> implements ElementReader {
  readonly #into: Into;
  readonly #properties: Properties | undefined;
  readonly #take: (into: Into) => void;

  constructor(into: Into, properties: Properties | undefined, take: (into: Into) => void) {
    this.#into = into;
    this.#properties = properties;
    this.#take = take;
  }

  child(name: string, attributes: Attributes): ElementReader | undefined {
    const property = this.#properties?.byName.get(name);
    if (property === undefined || isNil(attributes)) return undefined;
    return property.read(attributes, (value) => this.#put(name, property.array, value));
  }

  end(): void {
    const into: Record<string, unknown> = this.#into;
    for (const name of this.#properties?.arrays ?? []) into[name] ??= [];
    this.#take(this.#into);
  }

  #put(name: string, array: boolean, value: unknown): void {
    const into: Record<string, unknown> = this.#into;
    const before = into[name];
    if (!array) into[name] = before ?? value;
    else if (Array.isArray(before)) before.push(value);
    else into[name] = [value];
  }
}

/** An element that is its text. */
class TextReader implements ElementReader {
  readonly #take: (text: string) => void;
  #text = "";

  constructor(take: (text: string) => void) {
    this.#take = take;
  }

  text(piece: string): void {
    this.#text += piece;
  }

  end(): void {
    this.#take(this.#text);
  }
}

function readOf({ type, reference }: Pick<Property, "type" | "reference">): Read {
  if (reference) return (attributes, take) => referenceReader(attributes, type, take);
  if (type === "anyType") return anyReader;
  if (isPrimitive(type)) return (_, take) => new TextReader((text) => take(decodePrimitive(type, text)));
  if (findType(type)?.kind === "enum") return (_, take) => new TextReader((text) => take(text.trim()));
  return (attributes, take) => dataObjectReader(type, attributes, take);
}

function referenceReader(attributes: Attributes, declared: string, take: Take): ElementReader {
  return new TextReader((text) => take({ type: attributes.type ?? declared, value: text.trim() }));
}

/** By `xsi:type`; without one it is text, which is what hosts mean then. */
function anyReader(attributes: Attributes, take: Take): ElementReader {
  const type = schemaType(attributes);
  if (type === undefined)
    return attributes.type === undefined ? new TextReader(take) : referenceReader(attributes, "", take);
  if (type === "ManagedObjectReference") return referenceReader(attributes, "ManagedObject", take);
  if (isPrimitive(type) || findType(type)) return readOf({ type, reference: false })(attributes, take);
  return type.startsWith("ArrayOf")
    ? arrayReader(type.slice("ArrayOf".length), take)
    : unknownReader(type, take);
}

/** The elements of an `ArrayOf…` carry the item type's name: `<string>`, `<VirtualDevice xsi:type="VirtualDisk">`. */
function arrayReader(item: string, take: Take): ElementReader {
  const lower = `${item.charAt(0).toLowerCase()}${item.slice(1)}`;
  const reference = item === "ManagedObjectReference";
  const type = lower === "anyType" || isPrimitive(lower) ? lower : item;
  const read = readOf({ type: reference ? "ManagedObject" : type, reference });
  const items: unknown[] = [];
  return {
    child: (_name, attributes) => read(attributes, (value) => items.push(value)),
    end: () => take(items),
  };
}

/** Of a type that the table does not have: its text, or, if there are elements in it, nothing but the type's name. */
function unknownReader(type: string, take: Take): ElementReader {
  let isObject = false;
  const text = new TextReader((whole) => take(isObject ? { $type: type } : whole));
  return {
    child() {
      isObject = true;
      return undefined;
    },
    text: (piece) => text.text(piece),
    end: () => text.end(),
  };
}

/** A newer host may send subtypes that the table does not know: then the declared type is what can be read of them. */
function concreteType(declared: string, named: string | undefined): DataObjectType | undefined {
  const own = named === undefined ? undefined : findDataObject(named);
  if (own && (findDataObject(declared) === undefined || isSubtype(own.name, declared))) return own;
  return findDataObject(declared);
}
