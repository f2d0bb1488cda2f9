import type { DataObjectType, Property } from "../../../schema/index.ts";
import { findDataObject, findType, isSubtype } from "../../../schema/index.ts";
import { decodeAnyPrimitive, decodePrimitive, isPrimitive } from "./primitives.ts";
import { type Attributes, type ElementReader, isNil, schemaType, XmlError } from "./xml-reader.ts";

export type Decoded = Record<string, unknown> & { $type: string };

/** Gets the value of an element when the element ends. */
interface Taker<Value = unknown> {
  take(value: Value): void;
}
/** Begins to read an element with these attributes. */
type Read = (attributes: Attributes, taker: Taker) => ElementReader;

/**
 * Reads the elements of a few properties, such as a method's result. `take` gets an object with those that are there.
 */
export function propertiesReader(
  properties: readonly Property[],
  take: (found: Readonly<Record<string, unknown>>) => void,
): ElementReader {
  return new ObjectReader({}, propertiesOf(properties), { take });
}

/**
 * Reads an element as a data object of the declared type, or of the subtype that it names. `$type` has the actual type.
 * Everything that the schema requires is there, so no other code has to check. Only a fault may lack something, because
 * the user must see it.
 * @throws XmlError if something is missing or of another type
 */
export function dataObjectReader(
  declared: string,
  attributes: Attributes,
  taker: Taker<Decoded>,
): ElementReader {
  const type = concreteType(declared, schemaType(attributes));
  return new ObjectReader({ $type: type?.name ?? declared }, type && propertiesOf(type.properties), taker);
}

/** Reads a fault's detail: `<InvalidLoginFault xsi:type="InvalidLogin">`. Its name alone may have to be enough. */
export function faultDetailReader(take: (detail: Decoded) => void): ElementReader {
  let found: Decoded | undefined;
  return {
    child(name, attributes) {
      if (found) return undefined;
      const $type = schemaType(attributes) ?? name.replace(/Fault$/, "");
      found = { $type };
      return dataObjectReader($type, attributes, {
        take(detail) {
          found = { ...detail, $type };
        },
      });
    },
    end: () => take(found ?? { $type: "RuntimeFault" }),
  };
}

/** How a property's elements are read. */
interface PropertyReading {
  readonly name: string;
  readonly array: boolean;
  readonly read: Read;
}

interface Properties {
  readonly byName: ReadonlyMap<string, PropertyReading>;
  /** Names of properties that are an empty array if they are absent. */
  readonly arrays: readonly string[];
  /**
   * Names of required properties. A property that was added to the type later is not required, because an older host
   * does not have it.
   */
  readonly required: readonly string[];
}

/**
 * Properties that hosts leave out although the schema requires them: a lease of 9.x announces a certificate instead.
 */
const LEFT_OUT: readonly string[] = ["sslThumbprint"];

const known = new WeakMap<readonly Property[], Properties>();

function propertiesOf(properties: readonly Property[]): Properties {
  const found = known.get(properties);
  if (found) return found;
  const readings = properties.map((property): [string, PropertyReading] => [
    property.name,
    { name: property.name, array: property.array, read: readOf(property) },
  ]);
  const made = {
    byName: new Map(readings),
    arrays: properties.filter(({ array, optional }) => array && !optional).map(({ name }) => name),
    required: properties
      .filter(({ name, array, optional, added }) => !array && !optional && !added && !LEFT_OUT.includes(name))
      .map(({ name }) => name),
  };
  known.set(properties, made);
  return made;
}

class ObjectReader<Into extends Record<string, unknown>> implements ElementReader, Taker {
  readonly #into: Into;
  readonly #properties: Properties | undefined;
  readonly #taker: Taker<Into>;
  #property: PropertyReading | undefined;

  constructor(into: Into, properties: Properties | undefined, taker: Taker<Into>) {
    this.#into = into;
    this.#properties = properties;
    this.#taker = taker;
  }

  child(name: string, attributes: Attributes): ElementReader | undefined {
    const property = this.#properties?.byName.get(name);
    if (property === undefined || isNil(attributes)) return undefined;
    this.#property = property;
    return property.read(attributes, this);
  }

  /** Between the elements of an object there may only be white space. */
  text(piece: string): void {
    if (piece.trim() !== "")
      throw new XmlError(`${this.#into.$type ?? "the answer"} has text where its properties belong`);
  }

  /** The value of the element that was begun last. */
  take(value: unknown): void {
    if (this.#property === undefined) return;
    const { name, array } = this.#property;
    const into: Record<string, unknown> = this.#into;
    const before = into[name];
    if (!array) into[name] = before ?? value;
    else if (Array.isArray(before)) before.push(value);
    else into[name] = [value];
  }

  end(): void {
    const into: Record<string, unknown> = this.#into;
    for (const name of this.#properties?.arrays ?? []) into[name] ??= [];
    const missing = this.#properties?.required.find((name) => into[name] === undefined);
    if (missing !== undefined && !isFault(into.$type)) {
      throw new XmlError(`${into.$type ?? "the answer"} has no ${missing}`);
    }
    this.#taker.take(this.#into);
  }
}

function isFault(type: unknown): boolean {
  return typeof type === "string" && isSubtype(type, "MethodFault");
}

/** An element with only text. */
class TextReader implements ElementReader {
  readonly #decode: (text: string) => unknown;
  readonly #taker: Taker;
  #text = "";

  constructor(decode: (text: string) => unknown, taker: Taker) {
    this.#decode = decode;
    this.#taker = taker;
  }

  text(piece: string): void {
    this.#text += piece;
  }

  end(): void {
    this.#taker.take(this.#decode(this.#text));
  }
}

const whole = (text: string) => text;
const trimmed = (text: string) => text.trim();

function readOf({ type, reference }: Pick<Property, "type" | "reference">): Read {
  if (reference) return (attributes, taker) => referenceReader(attributes, type, taker);
  if (type === "anyType") return anyReader;
  if (isPrimitive(type)) {
    const decode = (text: string) => decodePrimitive(type, text);
    return (_, taker) => new TextReader(decode, taker);
  }
  if (findType(type)?.kind === "enum") return (_, taker) => new TextReader(trimmed, taker);
  return (attributes, taker) => dataObjectReader(type, attributes, taker);
}

function referenceReader(attributes: Attributes, declared: string, taker: Taker): ElementReader {
  const type = attributes.type ?? declared;
  const decode = (text: string) => {
    const value = text.trim();
    if (value === "") throw new XmlError(`the id of a ${type} is empty`);
    return { type, value };
  };
  return new TextReader(decode, taker);
}

const anyPrimitiveReader = (type: string, taker: Taker) =>
  new TextReader((text) => decodeAnyPrimitive(type, text), taker);

/** By `xsi:type`. Without one it is text, which is what hosts mean then. */
function anyReader(attributes: Attributes, taker: Taker): ElementReader {
  const type = schemaType(attributes);
  if (type === undefined)
    return attributes.type === undefined
      ? new TextReader(whole, taker)
      : referenceReader(attributes, "", taker);
  if (type === "ManagedObjectReference") return referenceReader(attributes, "ManagedObject", taker);
  if (isPrimitive(type)) return anyPrimitiveReader(type, taker);
  if (findType(type)) return readOf({ type, reference: false })(attributes, taker);
  if (type.startsWith("ArrayOf")) return new ArrayReader(type.slice("ArrayOf".length), taker);
  return unknownReader(type, taker);
}

/** The elements of an `ArrayOf…` carry the item type's name: `<string>`, `<VirtualDevice xsi:type="VirtualDisk">`. */
class ArrayReader implements ElementReader, Taker {
  readonly #read: Read;
  readonly #taker: Taker;
  readonly #items: unknown[] = [];

  constructor(item: string, taker: Taker) {
    const lower = `${item.charAt(0).toLowerCase()}${item.slice(1)}`;
    const reference = item === "ManagedObjectReference";
    const type = lower === "anyType" || isPrimitive(lower) ? lower : item;
    this.#read = isPrimitive(type)
      ? (_, item) => anyPrimitiveReader(type, item)
      : readOf({ type: reference ? "ManagedObject" : type, reference });
    this.#taker = taker;
  }

  child(_name: string, attributes: Attributes): ElementReader {
    return this.#read(attributes, this);
  }

  take(item: unknown): void {
    this.#items.push(item);
  }

  end(): void {
    this.#taker.take(this.#items);
  }
}

/**
 * An element of a type that the table does not have. It gives its text, or, if there are elements in it, only the
 * type's name.
 */
function unknownReader(type: string, taker: Taker): ElementReader {
  let isObject = false;
  const text = new TextReader((all) => (isObject ? { $type: type } : all), taker);
  return {
    child() {
      isObject = true;
      return undefined;
    },
    text: (piece) => text.text(piece),
    end: () => text.end(),
  };
}

/** A newer host may send subtypes that the table does not have. Then only the declared type can be read. */
function concreteType(declared: string, named: string | undefined): DataObjectType | undefined {
  const own = named === undefined ? undefined : findDataObject(named);
  const known = findDataObject(declared);
  if (own && known && !isSubtype(own.name, declared)) {
    throw new XmlError(`a ${own.name} stands where a ${declared} belongs`);
  }
  return own ?? known;
}
