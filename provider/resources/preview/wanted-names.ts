import { isUnknown } from "../inputs/check-inputs.ts";
import type { Kind, Making, Need } from "./wants.ts";

/** A text that is known. */
export const known = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" && !isUnknown(value) ? value : undefined;

/** The need for what an argument names. None if the argument is left out or not known yet. */
export function needing(kind: Kind, property: string, value: unknown): Need[] {
  const name = known(value);
  return name === undefined ? [] : [{ kind, property, name }];
}

/**
 * What is made under the name that an argument gives. Nothing while the name, or the place where it is made, is not
 * known.
 */
export function making(
  kind: Kind,
  property: Making["property"],
  value: unknown,
  within?: unknown,
): Making | undefined {
  const name = known(value);
  if (name === undefined || isUnknown(within)) return undefined;
  return { kind, property, name, within: known(within) };
}
