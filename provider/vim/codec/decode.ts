import type { DataObjectType, Property } from "../../../schema/index.ts";
import { findDataObject, findType, isSubtype } from "../../../schema/index.ts";
import { decodePrimitive, isPrimitive } from "./primitives.ts";
import { attribute, childNodes, children, isNil, nameOf, schemaType, textOf, type XmlNode } from "./xml.ts";

type Decoded = Record<string, unknown>;

/** The value of an element, or of all elements of one array, by the declared type. */
export function decodeProperty(property: Property, parent: XmlNode): unknown {
  const nodes = childNodes(parent, property.name).filter((node) => !isNil(node));
  if (property.array) {
    return nodes.length > 0 || !property.optional
      ? nodes.map((node) => decodeValue(property, node))
      : undefined;
  }
  const node = nodes[0];
  return node === undefined ? undefined : decodeValue(property, node);
}

/** A data object of the declared type or of the subtype that the element names; `$type` says which. */
export function decodeDataObject(declared: string, node: XmlNode): Decoded {
  const type = concreteType(declared, schemaType(node));
  const decoded: Decoded = { $type: type?.name ?? declared };
  if (type === undefined) return decoded;
  const { byName, arrays } = propertiesOf(type);
  for (const child of children(node)) {
    const property = byName.get(nameOf(child));
    if (property === undefined || isNil(child)) continue;
    const value = decodeValue(property, child);
    const before = decoded[property.name];
    if (!property.array) decoded[property.name] = before ?? value;
    else if (Array.isArray(before)) before.push(value);
    else decoded[property.name] = [value];
  }
  for (const name of arrays) decoded[name] ??= [];
  return decoded;
}

interface TypeProperties {
  readonly byName: ReadonlyMap<string, Property>;
  /** Names of those that are an empty array where nothing is said. */
  readonly arrays: readonly string[];
}

const known = new WeakMap<DataObjectType, TypeProperties>();

function propertiesOf(type: DataObjectType): TypeProperties {
  const found = known.get(type);
  if (found) return found;
  const made = {
    byName: new Map(type.properties.map((property) => [property.name, property])),
    arrays: type.properties.filter(({ array, optional }) => array && !optional).map(({ name }) => name),
  };
  known.set(type, made);
  return made;
}

function decodeValue({ type, reference }: Pick<Property, "type" | "reference">, node: XmlNode): unknown {
  if (reference) return decodeReference(node, type);
  if (type === "anyType") return decodeAny(node);
  if (isPrimitive(type)) return decodePrimitive(type, textOf(node));
  return findType(type)?.kind === "enum" ? textOf(node).trim() : decodeDataObject(type, node);
}

function decodeReference(node: XmlNode, declared: string) {
  return { type: attribute(node, "type") ?? declared, value: textOf(node).trim() };
}

/** By `xsi:type`; without one it is text, which is what hosts mean then. */
function decodeAny(node: XmlNode): unknown {
  const type = schemaType(node);
  if (type === undefined)
    return attribute(node, "type") === undefined ? textOf(node) : decodeReference(node, "");
  if (type === "ManagedObjectReference") return decodeReference(node, "ManagedObject");
  if (isPrimitive(type)) return decodePrimitive(type, textOf(node));
  const found = findType(type);
  if (found?.kind === "data") return decodeDataObject(type, node);
  if (found?.kind === "enum") return textOf(node).trim();
  if (type.startsWith("ArrayOf")) return decodeArray(type.slice("ArrayOf".length), node);
  return children(node).length === 0 ? textOf(node) : decodeDataObject(type, node);
}

/** The elements of an `ArrayOf…` carry the item type's name: `<string>`, `<VirtualDevice xsi:type="VirtualDisk">`. */
function decodeArray(item: string, node: XmlNode): unknown[] {
  const lower = `${item.charAt(0).toLowerCase()}${item.slice(1)}`;
  const type = lower === "anyType" || isPrimitive(lower) ? lower : item;
  const reference = item === "ManagedObjectReference";
  return children(node).map((element) =>
    decodeValue({ type: reference ? "ManagedObject" : type, reference }, element),
  );
}

/** A newer host may send subtypes that the table does not know: then the declared type is what can be read of them. */
function concreteType(declared: string, named: string | undefined): DataObjectType | undefined {
  const own = named === undefined ? undefined : findDataObject(named);
  if (own && (findDataObject(declared) === undefined || isSubtype(own.name, declared))) return own;
  return findDataObject(declared);
}

/** A fault's detail element: `<InvalidLoginFault xsi:type="InvalidLogin">`, whose name alone may have to do. */
export function decodeFaultDetail(detail: XmlNode | undefined): Decoded & { $type: string } {
  const node = detail && children(detail)[0];
  if (node === undefined) return { $type: "RuntimeFault" };
  const type = schemaType(node) ?? nameOf(node).replace(/Fault$/, "");
  return { ...decodeDataObject(type, node), $type: type };
}
