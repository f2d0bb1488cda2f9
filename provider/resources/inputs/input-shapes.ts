import type * as v from "valibot";

/** What a message needs to know of the schemas of `valibot`. */
type Schema = v.GenericSchema;

/** The schema at a path below another one. Undefined if the path leads out of it. */
export function schemaAt(schema: Schema, path: readonly unknown[]): Schema | undefined {
  const own = unwrapped(schema);
  const [key, ...rest] = path;
  if (key === undefined) return own;
  const next =
    typeof key === "number" ? part(own, "item") : (entriesOf(own)[String(key)] ?? part(own, "value"));
  return next && schemaAt(next, rest);
}

/** The keys that an object of this form can have, each with its schema. None if the form is no such object. */
export function entriesOf(schema: Schema): Readonly<Record<string, Schema>> {
  const own = unwrapped(schema);
  if (!("entries" in own) || typeof own.entries !== "object" || own.entries === null) return {};
  return Object.fromEntries(
    Object.entries(own.entries).filter((entry): entry is [string, Schema] => isSchema(entry[1])),
  );
}

/** What a program could write there, such as `{ ip: true }`. */
export function exampleOf(schema: Schema): string {
  const own = unwrapped(schema);
  const item = part(own, "item");
  if (item) return `[${exampleOf(item)}]`;
  const [first] = Object.entries(entriesOf(own));
  if (first) return `{ ${first[0]}: ${exampleOf(first[1])} }`;
  const value = part(own, "value");
  if (value) return `{ name: ${exampleOf(value)} }`;
  const [option] = optionsOf(own);
  if (option !== undefined) return isSchema(option) ? exampleOf(option) : JSON.stringify(option);
  if (own.type === "number") return String(Math.max(1, minimumOf(own)));
  return own.type === "boolean" ? "true" : '"…"';
}

/** The values that a choice offers. */
export function optionsOf(schema: Schema): readonly unknown[] {
  const own = unwrapped(schema);
  return "options" in own && Array.isArray(own.options) ? own.options : [];
}

/** The texts that are allowed as a value, such as "once" of `true`, `false` or "once". */
export function literalsOf(schema: Schema): readonly unknown[] {
  return optionsOf(schema).flatMap((option) =>
    isSchema(option) && "literal" in option ? [option.literal] : [],
  );
}

/** The keys that an object of this form can have, or each object of a list. */
export function partsOf(schema: Schema): { readonly parts: readonly string[]; readonly isList: boolean } {
  const item = part(unwrapped(schema), "item");
  return { parts: Object.keys(entriesOf(item ?? schema)), isList: item !== undefined };
}

/** The schema inside those that only say that a value may be left out, or that find their schema later. */
function unwrapped(schema: Schema): Schema {
  const inner = part(schema, "wrapped");
  if (inner) return unwrapped(inner);
  // A check of the value may come before the schema of its form.
  const form = schema.type === "custom" ? stepsOf(schema).findLast(isSchema) : undefined;
  if (form && form !== schema && form.type !== "custom") return unwrapped(form);
  if (!("getter" in schema) || typeof schema.getter !== "function") return schema;
  const got: unknown = schema.getter(undefined);
  return isSchema(got) ? unwrapped(got) : schema;
}

function part(schema: Schema, name: "item" | "value" | "wrapped"): Schema | undefined {
  const found: unknown = Reflect.get(schema, name);
  return isSchema(found) ? found : undefined;
}

function minimumOf(schema: Schema): number {
  const limits = stepsOf(schema).filter(({ type }) => type === "min_value");
  return Number(limits[0]?.requirement ?? 1);
}

function stepsOf(schema: Schema): readonly { readonly type: unknown; readonly requirement?: unknown }[] {
  const steps: unknown = Reflect.get(schema, "pipe");
  return Array.isArray(steps) ? steps : [];
}

const isSchema = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && "kind" in value && value.kind === "schema";
