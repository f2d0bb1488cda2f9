/**
 * Looks things up in the generated vim25 table. A line is parsed when it is first asked for.
 *
 * E name version value…               an enumeration
 * D name base version prop…           a data object; `prop` is name:type[?][@version]
 * M name base version prop…           a managed object's own properties
 * F name owner version result param…  a method
 *
 * A type is a primitive (`string`, `int`, `long`, …), a type's name, or `&Name` for a reference to a managed object;
 * `[]` behind it makes an array, `?` makes it optional, `@n` says the API version that brought it.
 */
import { API_VERSIONS, VIM25 } from "./vim25.generated.ts";

/** One property of a data or managed object, or one parameter of a method. */
export interface Property {
  readonly name: string;
  /** The type without array and reference marks: `string`, `VirtualDevice`, `VirtualMachine`, … */
  readonly type: string;
  readonly array: boolean;
  /** True for a reference to a managed object. */
  readonly reference: boolean;
  readonly optional: boolean;
  /** Place in API_VERSIONS of the version that brought it. */
  readonly version: number;
  /** True if it came to its type, or to its method, later. */
  readonly added?: boolean;
}

export interface DataObjectType {
  readonly kind: "data";
  readonly name: string;
  readonly base: string | undefined;
  readonly version: number;
  /** All properties in the order of the wire: those of the base types first. */
  readonly properties: readonly Property[];
}

export interface ManagedObjectType {
  readonly kind: "managed";
  readonly name: string;
  readonly base: string | undefined;
  readonly version: number;
  /** Its own properties and those of its base types, base types first. */
  readonly properties: readonly Property[];
}

interface EnumType {
  readonly kind: "enum";
  readonly name: string;
  readonly version: number;
  readonly values: readonly string[];
}

export interface Method {
  readonly name: string;
  /** The managed object type that declares it. */
  readonly owner: string;
  readonly version: number;
  /** What it returns; undefined for void. */
  readonly result: Property | undefined;
  readonly parameters: readonly Property[];
}

export type Type = DataObjectType | ManagedObjectType | EnumType;

const lines = new Map<string, string>();
const methodLines = new Map<string, string>();
for (const line of VIM25.split("\n")) {
  const start = line.indexOf(" ") + 1;
  const name = line.slice(start, line.indexOf(" ", start));
  (line.startsWith("F") ? methodLines : lines).set(name, line);
}

const types = new Map<string, Type>();
const methods = new Map<string, Method>();

/** The type of that name, or undefined if vim25 has none. Primitives are not in the table. */
export function findType(name: string): Type | undefined {
  const known = types.get(name);
  if (known) return known;
  const line = lines.get(name);
  if (line === undefined) return undefined;
  const type = parseType(line);
  types.set(name, type);
  return type;
}

export function findDataObject(name: string): DataObjectType | undefined {
  const type = findType(name);
  return type?.kind === "data" ? type : undefined;
}

export function findManagedObject(name: string): ManagedObjectType | undefined {
  const type = findType(name);
  return type?.kind === "managed" ? type : undefined;
}

export function findMethod(name: string): Method | undefined {
  const known = methods.get(name);
  if (known) return known;
  const line = methodLines.get(name);
  if (line === undefined) return undefined;
  const [, , owner = "", version = "0", result = "void", ...parameters] = line.split(" ");
  const method: Method = {
    name,
    owner,
    version: Number(version),
    result: result === "void" ? undefined : parseProperty(`returnval:${result}`, 0),
    parameters: parameters.map((text) => parseProperty(text, Number(version))),
  };
  methods.set(name, method);
  return method;
}

const lineages = new Map<string, ReadonlySet<string>>();

/** True if `name` is `base` or derives from it. */
export function isSubtype(name: string, base: string): boolean {
  const known = lineages.get(name);
  if (known) return known.has(base);
  const lineage = new Set<string>();
  for (let type: string | undefined = name; type !== undefined; ) {
    lineage.add(type);
    const found: Type | undefined = findType(type);
    type = found && found.kind !== "enum" ? found.base : undefined;
  }
  // What a host calls a type that nobody knows must not fill the memory.
  if (findType(name)) lineages.set(name, lineage);
  return lineage.has(base);
}

/**
 * Place in API_VERSIONS of the newest version that is not newer than `apiVersion` (as `about.apiVersion` says it,
 * "6.5", "7.0.3.0", "8.0.2.0", …).
 */
export function versionIndex(apiVersion: string): number {
  let found = 0;
  API_VERSIONS.forEach((version, index) => {
    if (compareVersions(version, apiVersion) <= 0) found = index;
  });
  return found;
}

function compareVersions(a: string, b: string): number {
  const left = a.split(".").map((part) => Number.parseInt(part, 10) || 0);
  const right = b.split(".").map((part) => Number.parseInt(part, 10) || 0);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function parseType(line: string): Type {
  const [kind, name = "", second = "", ...rest] = line.split(" ");
  if (kind === "E") return { kind: "enum", name, version: Number(second), values: rest };
  const [version = "0", ...own] = rest;
  const base = second === "-" ? undefined : second;
  const inherited = base === undefined ? undefined : findType(base);
  const properties = [
    ...(inherited && inherited.kind !== "enum" ? inherited.properties : []),
    ...own.map((text) => parseProperty(text, Number(version))),
  ];
  return { kind: kind === "D" ? "data" : "managed", name, base, version: Number(version), properties };
}

function parseProperty(text: string, floor: number): Property {
  const [, name = "", reference, type = "", array, optional, version] =
    /^(\w+):(&?)(\w+)((?:\[\])?)(\??)(?:@(\d+))?$/.exec(text) ?? [];
  return {
    name,
    type,
    array: array !== "",
    reference: reference === "&",
    optional: optional === "?",
    version: version === undefined ? floor : Number(version),
    added: version !== undefined && Number(version) > floor,
  };
}
