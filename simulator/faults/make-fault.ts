/** Faults that a rule names by type. Properties that the schema requires and the rule leaves out are filled in. */
import { findDataObject, findType, type Property } from "../../schema/index.ts";
import { VimFault } from "../soap/fault.ts";

const PLAIN: Readonly<Record<string, unknown>> = {
  boolean: false,
  string: "",
  dateTime: "1970-01-01T00:00:00Z",
};

/** @throws Error if vim25 has no such fault */
export function makeFault(
  type: string,
  message = type,
  properties: Readonly<Record<string, unknown>> = {},
): VimFault {
  const declared = findDataObject(type);
  if (declared === undefined) throw new Error(`vim25 has no fault ${type}`);
  const required = declared.properties.filter((property) => !property.optional);
  const filled = Object.fromEntries(required.map((property) => [property.name, standIn(property, message)]));
  return new VimFault(type, message, { ...filled, ...properties });
}

function standIn(property: Property, message: string): unknown {
  if (property.array) return [];
  if (property.reference) return { type: property.type, value: "unknown" };
  if (property.name === "reason" && property.type === "string") return message;
  const type = findType(property.type);
  if (type?.kind === "enum") return type.values[0];
  return type === undefined ? (PLAIN[property.type] ?? 0) : { $type: property.type };
}
