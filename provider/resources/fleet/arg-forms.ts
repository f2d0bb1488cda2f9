/**
 * Forms of arguments that a component reads itself while the program runs. No check of the provider sees them first,
 * and a JavaScript program may give anything.
 */
import * as pulumi from "@pulumi/pulumi";
import { nearestName } from "../../ovf/did-you-mean.ts";
import { called, isLater } from "../frame/given-args.ts";
import { fromElsewhere } from "../inputs/foreign-names.ts";

/** What an argument must be. */
export interface Form {
  /** The text behind "must be" in a message. */
  readonly must: string;
  readonly fits: (value: unknown) => boolean;
  /** What each entry of a list or object must be. */
  readonly each?: Form;
  /** The form of each entry of an object, by name. Other entries are not allowed. */
  readonly named?: Forms;
}

export type Forms = Readonly<Record<string, Form>>;

const isObject = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !isLater(value);

export const TEXT: Form = { must: "a text", fits: (value) => typeof value === "string" };
export const NUMBER: Form = { must: "a number", fits: (value) => typeof value === "number" };
/** A value that the provider's check looks at. */
export const ANY: Form = { must: "", fits: () => true };

export const object = (example: string, inside: Pick<Form, "each" | "named"> = {}): Form => ({
  must: `an object such as ${example}`,
  fits: isObject,
  ...inside,
});

export const list = (example: string, each: Form): Form => ({
  must: `a list such as ${example}`,
  fits: Array.isArray,
  each,
});

/** One of two forms. If the second is an object, its entries are checked. */
export const either = (one: Form, other: Form): Form => ({
  ...other,
  must: `${one.must} or ${other.must}`,
  fits: (value) => one.fits(value) || other.fits(value),
});

/** That form, or nothing, which a program can also write as null. */
export const orNothing = (form: Form): Form => ({
  ...form,
  fits: (value) => value === null || value === undefined || form.fits(value),
});

/** That form, or a value that is known only later. The provider's check looks at it then. */
export const orLater = (form: Form): Form => ({
  ...form,
  fits: (value) => form.fits(value) || isLater(value),
});

/**
 * @param what The resource, `VmFleet "student"`.
 * @throws RunError with one line for each mistake. The resource's name stands before the first.
 */
export function refuseOtherForms(what: string, args: object, forms: Forms): void {
  const wrong = entriesWrong(args, "", forms);
  if (wrong.length > 0) throw new pulumi.RunError(`${what}: ${wrong.join("\n  ")}`);
}

function entriesWrong(value: object, path: string, forms: Forms): string[] {
  return Object.entries(value).flatMap(([key, item]) => {
    const where = path === "" ? key : `${path}.${key}`;
    if (item === undefined) return [];
    return Object.hasOwn(forms, key)
      ? wrongIn(item, where, forms[key] ?? ANY)
      : [`${where}: there is no such setting${meant(key, forms)}.`];
  });
}

function wrongIn(value: unknown, path: string, { must, fits, each, named }: Form): string[] {
  if (!fits(value)) {
    return [`${path} must be ${must}, not ${givenAs(value, must)}.`];
  }
  // The entries of a resource are not settings of the program.
  if (typeof value !== "object" || value === null || pulumi.Resource.isInstance(value) || isLater(value))
    return [];
  if (named !== undefined) return entriesWrong(value, path, named);
  if (each === undefined) return [];
  return Object.entries(value).flatMap(([key, item]) => wrongIn(item, `${path}.${key}`, each));
}

function givenAs(value: unknown, must: string): string {
  if (value === null) return "null: leave it out instead";
  const isQuoted = must === NUMBER.must && typeof value === "string" && /^\d+$/.test(value);
  return `${called(value)}${isQuoted ? ": write it without quotes, or read it with config.requireNumber" : ""}`;
}

function meant(key: string, forms: Forms): string {
  const known = Object.keys(forms);
  const inside = known.find((name) => Object.hasOwn(forms[name]?.named ?? {}, key));
  const name =
    inside === undefined ? (fromElsewhere(key, known) ?? nearestName(key, known)) : `${inside}: { ${key} }`;
  if (name !== undefined) return `; did you mean ${name}?`;
  return known.includes("settings") ? `; settings of its machines belong in settings: { ${key}: … }` : "";
}
