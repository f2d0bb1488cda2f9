/** `vmw:Config`: a path into a data object of the API and a value. The schema says which paths and values are valid. */
import { type DataObject, findDataObject, findType, type Property } from "../../schema/index.ts";

/** The schema declares a base type for `slotInfo`, but slots on the PCI bus are a subtype of it. */
const CONCRETE_TYPES: Readonly<Record<string, string>> = {
  VirtualDeviceBusSlotInfo: "VirtualDevicePciBusSlotInfo",
};
const WHOLE_NUMBERS = ["int", "long", "short", "byte"];

/**
 * Sets the property at a path such as `bootOptions.efiSecureBootEnabled`, and makes objects on the way.
 *
 * @param type the type of `target`
 * @returns false if the schema has no such path, or the value does not fit its type. Nothing is set then.
 */
export function setConfigPath(target: DataObject, type: string, path: string, value: string): boolean {
  const [name = "", ...rest] = path.split(".");
  const property = findDataObject(type)?.properties.find((one) => one.name === name);
  if (property === undefined || property.array || property.reference) return false;
  if (rest.length === 0) {
    const converted = convert(property, value);
    return converted !== undefined && Reflect.set(target, name, converted);
  }
  const there: unknown = Reflect.get(target, name);
  const inner: DataObject = isObject(there)
    ? there
    : { $type: CONCRETE_TYPES[property.type] ?? property.type };
  return (
    setConfigPath(inner, inner.$type ?? property.type, rest.join("."), value) &&
    Reflect.set(target, name, inner)
  );
}

function isObject(value: unknown): value is DataObject {
  return typeof value === "object" && value !== null;
}

function convert({ type }: Property, value: string): string | number | boolean | undefined {
  if (type === "boolean") return /^(true|false)$/i.test(value) ? value.toLowerCase() === "true" : undefined;
  if (WHOLE_NUMBERS.includes(type)) return /^-?\d{1,15}$/.test(value) ? Number(value) : undefined;
  if (type === "string") return value;
  const found = findType(type);
  return found?.kind === "enum" && found.values.includes(value) ? value : undefined;
}
