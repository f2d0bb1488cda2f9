import { HandOverError } from "./hand-over-error.ts";

/**
 * A list of records that a function can read. A JavaScript program may give anything.
 * @param form An example of a record, for the message.
 * @throws HandOverError if it is no list, or has something else in it.
 */
export function listOf<T extends object>(what: string, list: readonly T[], form: string): readonly T[] {
  const given: unknown = list;
  if (!Array.isArray(given))
    throw new HandOverError(what, [`${called(given)} is no list, such as [${form}]`]);
  const wrong = given.flatMap((item: unknown, index) =>
    isObject(item)
      ? []
      : [`number ${index + 1} of the list must be an object such as ${form}, not ${called(item)}`],
  );
  if (wrong.length > 0) throw new HandOverError(what, wrong);
  return list;
}

/** Options, or none. @throws HandOverError if it is no object */
export function optionsOf<T extends object>(what: string, options: T | undefined): Partial<T> {
  const given: unknown = options;
  if (given === undefined || given === null) return {};
  if (isObject(given)) return options ?? {};
  throw new HandOverError(what, [`the options must be an object, { … }, not ${called(given)}`]);
}

export const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Names the kind of a wrong value, for messages. */
export function called(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && "__pulumiOutput" in value)
    return "an output, whose value is known later (write the text inside of apply: pulumi.all([vm.name]).apply(([name]) => …))";
  const words: Readonly<Record<string, string>> = {
    string: "a text",
    object: "an object",
    boolean: String(value),
  };
  return words[typeof value] ?? `a ${typeof value}`;
}
