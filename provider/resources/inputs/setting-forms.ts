import * as v from "valibot";
import { encodeVmName, MOST_IN_NAME } from "../../host/vm/reading/vm-name.ts";

/** A whole number with limits that a message names. */
export const wholeNumber = (minimum: number, maximum: number, unit: string) =>
  v.pipe(
    v.number(`must be a number${unit && ` (${unit})`}`),
    v.integer("must be a whole number"),
    v.minValue(minimum, `must be at least ${minimum}${unit && ` ${unit}`}`),
    v.maxValue(maximum, `must be at most ${maximum}${unit && ` ${unit}`}`),
  );

export const text = v.string("must be a text");
export const yesOrNo = v.boolean("must be true or false");
/** A name that is not empty. */
export const name = v.pipe(text, v.nonEmpty("must not be empty"));

/** The name of something that a host has, 80 characters at most as they travel there. */
export const entityName = v.pipe(
  text,
  v.nonEmpty("must not be empty"),
  v.check((value) => [...value].length <= MOST_IN_NAME, `must have at most ${MOST_IN_NAME} characters`),
  v.check(
    (value) => [...value].length > MOST_IN_NAME || [...encodeVmName(value)].length <= MOST_IN_NAME,
    `must have at most ${MOST_IN_NAME} characters, and each %, / and \\ counts as three`,
  ),
);

/**
 * Values by names. A list is refused, although JavaScript takes it for an object with numbers as keys.
 * @param example An example, for the message.
 */
export const byNames = <Value extends v.GenericSchema>(
  value: Value,
  example: string,
  name: v.GenericSchema<string, string> = v.string(),
) =>
  v.pipe(
    v.custom<unknown>((given) => !Array.isArray(given), `must be an object such as ${example}, not a list`),
    v.record(name, value, "must be an object"),
  );

/** Texts by names. */
export const textsByName = (name?: v.GenericSchema<string, string>) => byNames(text, '{ name: "…" }', name);

/** A limit of time, at most a week. */
export const seconds = (minimum = 1) => v.optional(wholeNumber(minimum, 604_800, "seconds"));

export const oneOf = <const T extends readonly string[]>(options: T) =>
  v.picklist(options, `must be one of ${options.join(", ")}`);

/** The message for a key that no setting has. */
export const unknownSetting = (issue: { readonly received: string; readonly expected: string | null }) =>
  issue.expected === "never" ? "there is no such setting" : "is required";
