/** Reads `config.hardware.device[4000].macAddress` and the like from a managed object. */
import { findDataObject, findManagedObject, type Property } from "../../schema/index.ts";
import type { ManagedObject, Reader } from "../core/objects.ts";
import { isObject, TypedValue } from "../soap/encode.ts";
import { VimFault } from "../soap/fault.ts";

interface Step {
  readonly name: string;
  readonly key: string | undefined;
}

export interface PathReader extends Reader {
  /** The index in API_VERSIONS. Newer properties do not exist. */
  readonly version: number;
}

type Declared = Pick<Property, "type" | "array" | "reference">;

/**
 * The value of a property path with its type. Undefined if it is unset.
 *
 * @throws VimFault InvalidProperty if the type has no such property
 */
export function readPath(object: ManagedObject, path: string, reader: PathReader): TypedValue | undefined {
  const { version } = reader;
  const [first, ...rest] = parsePath(path);
  const property = findManagedObject(object.ref.type)?.properties.find(
    (one) => one.name === first?.name && one.version <= version,
  );
  if (first === undefined || property === undefined) throw invalidProperty(path);
  let declared: Declared = property;
  let value: unknown = object.readers[property.name]?.(reader);
  [declared, value] = pick(declared, value, first, path);
  for (const step of rest) {
    const next = member(declared, value, step.name, version);
    if (next === undefined) throw invalidProperty(path);
    declared = next;
    value = isObject(value) ? value[step.name] : undefined;
    [declared, value] = pick(declared, value, step, path);
  }
  return value === undefined || value === null ? undefined : new TypedValue(declared, value);
}

/** Checks a path with a type only, because there may be no object yet. @throws VimFault InvalidProperty */
export function checkPath(type: string, path: string, version: number): void {
  const [first] = parsePath(path);
  const known = findManagedObject(type)?.properties.some(
    (one) => one.name === first?.name && one.version <= version,
  );
  if (!known) throw invalidProperty(path);
}

/** The managed object's own property that a path starts with. */
export function rootOf(path: string): string {
  return /^[^.[]*/.exec(path)?.[0] ?? path;
}

function parsePath(path: string): Step[] {
  const steps: Step[] = [];
  let rest = path;
  while (rest !== "") {
    const match = /^(\w+)(?:\[(?:"([^"]*)"|([^\]"]+))\])?(?:\.|$)/.exec(rest);
    if (match === null) throw invalidProperty(path);
    steps.push({ name: match[1] ?? "", key: match[2] ?? match[3] });
    if (match[0].endsWith(".") && match[0].length === rest.length) throw invalidProperty(path);
    rest = rest.slice(match[0].length);
  }
  return steps;
}

function pick(declared: Declared, value: unknown, step: Step, path: string): [Declared, unknown] {
  if (step.key === undefined) return [declared, value];
  if (!declared.array) throw invalidProperty(path);
  const items: unknown[] = Array.isArray(value) ? value : [];
  const found = items.find((item) => isObject(item) && String(item.key) === step.key);
  return [{ ...declared, array: false }, found];
}

function member(declared: Declared, value: unknown, name: string, version: number): Declared | undefined {
  if (declared.array || declared.reference) return undefined;
  const actual = isObject(value) && typeof value.$type === "string" ? value.$type : declared.type;
  return findDataObject(actual)?.properties.find((one) => one.name === name && one.version <= version);
}

function invalidProperty(name: string): VimFault {
  return new VimFault("InvalidProperty", "", { name });
}
