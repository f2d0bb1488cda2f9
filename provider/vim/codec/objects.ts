import type { ManagedObjectReference, VimTypes } from "../../../schema/index.ts";
import { isSubtype } from "../../../schema/index.ts";

/** A data object of that type, with its `$type` set. */
export function create<K extends keyof VimTypes>(type: K, value: VimTypes[K]): VimTypes[K] {
  return { ...value, $type: type };
}

/** True if the object's `$type` is that vim25 type or a subtype. */
export function isA<K extends keyof VimTypes>(object: unknown, type: K): object is VimTypes[K] {
  const own = typeOf(object);
  return own !== undefined && isSubtype(own, type);
}

/** True for a reference to a managed object. */
export function isReference(value: unknown): value is ManagedObjectReference {
  return (
    isRecord(value) &&
    value.$type === undefined &&
    typeof value.type === "string" &&
    typeof value.value === "string"
  );
}

/** True if both name the same managed object. */
export function isSameObject(a: ManagedObjectReference, b: ManagedObjectReference): boolean {
  return a.type === b.type && a.value === b.value;
}

export function typeOf(object: unknown): string | undefined {
  return isRecord(object) && typeof object.$type === "string" ? object.$type : undefined;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
