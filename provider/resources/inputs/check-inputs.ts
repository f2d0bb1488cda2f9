import * as v from "valibot";
import type { CheckFailure, Properties } from "../frame/lifecycle.ts";
import { reasonOf } from "./input-reasons.ts";

/** What Pulumi puts, in a preview, where a value is not known yet, whatever the value's type. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Names of the SDK's own bookkeeping (`__provider`, `__urn`, `__defaults`). They are never settings. */
const isInternal = (key: string): boolean => key.startsWith("__");

/** True if the value, or anything in it, is not known in this preview. */
export function isUnknown(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.values(value).some(isUnknown);
  return value === UNKNOWN;
}

/**
 * Checks inputs against a schema. A value that a preview does not know yet is not checked, and comes back as it was.
 *
 * @returns The inputs with defaults filled in, and one failure for each thing that is wrong with them.
 */
export function checkInputs<S extends v.GenericSchema>(
  schema: S,
  news: Properties,
  outputs: readonly string[],
): { inputs: Properties; known: v.InferOutput<S> | undefined; failures: CheckFailure[] } {
  const unknown: string[] = [];
  const internal = Object.fromEntries(Object.entries(news).filter(([key]) => isInternal(key)));
  const given = withoutUnknown(
    Object.fromEntries(Object.entries(news).filter(([key]) => !isInternal(key) && !outputs.includes(key))),
    "",
    unknown,
  );
  const result = v.safeParse(schema, given, { abortPipeEarly: true });
  const wrong = (result.issues ?? [])
    .map((issue) => ({ property: v.getDotPath(issue) ?? "", reason: reasonOf(issue, schema) }))
    .filter(({ property }) => !unknown.some((path) => `${property}.`.startsWith(`${path}.`)));
  const failures = [...unusableKeys(given), ...wrong];
  // A result with issues still has the defaults of all settings that are valid.
  const parsed = result.output as Properties;
  return {
    inputs: { ...internal, ...(putBack(parsed, news) as Properties) },
    known: result.success && failures.length === 0 && unknown.length === 0 ? result.output : undefined,
    failures,
  };
}

/**
 * Parses the inputs of a create or update. They have passed the check, so a value that does not fit now is a defect.
 */
export function parseInputs<S extends v.GenericSchema>(
  schema: S,
  inputs: Properties,
  outputs: readonly string[],
): v.InferOutput<S> {
  const { known, failures } = checkInputs(schema, inputs, outputs);
  if (known === undefined) {
    const reasons = failures.map(({ property, reason }) => `${property}: ${reason}`);
    throw new Error(`These inputs have not passed the check: ${reasons.join("; ") || "some are unknown"}.`);
  }
  return known;
}

function withoutUnknown(value: unknown, path: string, unknown: string[]): unknown {
  if (Array.isArray(value)) {
    return value.map((item, index) => {
      if (item === UNKNOWN) unknown.push(join(path, index));
      return withoutUnknown(item, join(path, index), unknown);
    });
  }
  if (typeof value !== "object" || value === null) return value;
  const known = Object.entries(value).flatMap(([key, item]): [string, unknown][] => {
    if (item !== UNKNOWN) return [[key, withoutUnknown(item, join(path, key), unknown)]];
    unknown.push(join(path, key));
    return [];
  });
  // An assignment would not make a property of a key named __proto__.
  return Object.fromEntries(known);
}

function putBack(checked: unknown, original: unknown): unknown {
  if (original === UNKNOWN) return checked ?? original;
  if (Array.isArray(original)) {
    if (!Array.isArray(checked) || checked.length !== original.length) return checked ?? original;
    return checked.map((item, index) =>
      original[index] === UNKNOWN ? UNKNOWN : putBack(item, original[index]),
    );
  }
  if (typeof original !== "object" || original === null) return checked;
  const result: Record<string, unknown> = { ...(checked as object) };
  for (const [key, item] of Object.entries(original)) {
    if (item === UNKNOWN) result[key] = UNKNOWN;
    else if (key in result && !isInternal(key)) result[key] = putBack(result[key], item);
  }
  return result;
}

/** Names that have a meaning of their own in JavaScript. A value under one would be dropped without a word. */
const UNUSABLE_KEYS: readonly string[] = ["__proto__", "constructor", "prototype"];

function unusableKeys(value: unknown, path = ""): CheckFailure[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const property = join(path, key);
    return UNUSABLE_KEYS.includes(key)
      ? [{ property, reason: "cannot be a key, because JavaScript means something else by it" }]
      : unusableKeys(item, property);
  });
}

const join = (path: string, key: string | number) => (path === "" ? String(key) : `${path}.${key}`);
