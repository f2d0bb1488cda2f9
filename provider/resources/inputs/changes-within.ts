import { isDeepStrictEqual } from "node:util";
import { isUnknown } from "./check-inputs.ts";

/** More than so many changes of one setting would fill the row. */
const MOST = 6;

/**
 * What changes within a structured setting that holds no secret, path by path: `disks["data"].size 1 → 2`. Items of a
 * list are named by their label, or else by their place.
 */
export function changesWithin(path: string, old: unknown, wanted: unknown): string {
  const changes = changesOf(path, old, wanted);
  const further = changes.length - MOST;
  return further > 0 ? `${changes.slice(0, MOST).join(", ")} and ${further} more` : changes.join(", ");
}

function changesOf(path: string, old: unknown, wanted: unknown): string[] {
  if (isDeepStrictEqual(old, wanted)) return [];
  if (Array.isArray(old) && Array.isArray(wanted)) return within(itemsOf(path, old), itemsOf(path, wanted));
  if (isObject(old) && isObject(wanted)) return within(fieldsOf(path, old), fieldsOf(path, wanted));
  if (old === undefined) return [`${path} added`];
  if (wanted === undefined) return [`${path} removed`];
  return [`${path} ${shown(old)} → ${shown(wanted)}`];
}

function within(old: ReadonlyMap<string, unknown>, wanted: ReadonlyMap<string, unknown>): string[] {
  const paths = new Set([...old.keys(), ...wanted.keys()]);
  return [...paths].flatMap((path) => changesOf(path, old.get(path), wanted.get(path)));
}

function itemsOf(path: string, items: readonly unknown[]): Map<string, unknown> {
  const keyOf = (item: unknown, index: number) =>
    isObject(item) && typeof item.label === "string" ? JSON.stringify(item.label) : index;
  return new Map(items.map((item, index) => [`${path}[${keyOf(item, index)}]`, item]));
}

const fieldsOf = (path: string, value: Readonly<Record<string, unknown>>): Map<string, unknown> =>
  new Map(Object.entries(value).map(([key, field]) => [`${path}.${key}`, field]));

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const shown = (value: unknown): string =>
  isUnknown(value) ? "not known yet" : typeof value === "object" ? JSON.stringify(value) : String(value);
