import { valueProblem } from "../xml/qualifiers.ts";
import type { OvfProperty } from "./descriptor.ts";

/** Whether a deployment option is one of these options. Undefined means all. */
export function isFor(
  { options }: { readonly options: readonly string[] | undefined },
  option: string | undefined,
): boolean {
  return options === undefined || (option !== undefined && options.includes(option));
}

/** Whether a deployment option has this property. */
export function appliesTo(property: OvfProperty, option: string | undefined): boolean {
  return isFor(property, option);
}

/**
 * A property's value under a deployment option: the user's value, otherwise that of `defaultFor`. A boolean is spelled
 * as vSphere spells it for guests (`True`, `False`), because scripts in guests compare letter by letter.
 */
export function valueFor(
  property: OvfProperty,
  values: Readonly<Record<string, string>>,
  option: string | undefined,
): string {
  const chosen = Object.hasOwn(values, property.key) ? values[property.key] : undefined;
  const value = chosen ?? defaultFor(property, option);
  return isBoolean(property) ? spelledBoolean(value) : value;
}

const isBoolean = ({ type }: OvfProperty): boolean => type.toLowerCase() === "boolean";

/** A text that is no boolean stays as it is. */
function spelledBoolean(value: string): string {
  const text = value.trim().toLowerCase();
  if (text === "true") return "True";
  return text === "false" || text === "" ? "False" : value;
}

/**
 * The value that the guest gets if the user sets nothing: the option's own value, otherwise the descriptor's, otherwise
 * the value that means "nothing" for its type.
 */
function defaultFor(property: OvfProperty, option: string | undefined): string {
  const own = option === undefined ? undefined : property.defaultByOption.get(option);
  return own ?? property.defaultValue ?? (isBoolean(property) ? "False" : "");
}

/**
 * Whether the user must give a value under this deployment option.
 *
 * DSP0243 has no "required" mark. vSphere's clients and ovftool ask for a value exactly if the VM would be configured
 * wrongly without one, and so do we. That is so if the property is user configurable, and its default (an empty text if
 * there is none) does not fit its type and qualifiers. So a string without default is optional unless it has
 * `MinLen(1)` or a `ValueMap`. A number without default is required. A boolean is never required. For a property that
 * is not user configurable, only the descriptor counts.
 */
export function isRequired(property: Omit<OvfProperty, "required">, option: string | undefined): boolean {
  const whole: OvfProperty = { ...property, required: false };
  return (
    property.userConfigurable &&
    appliesTo(whole, option) &&
    valueProblem(property, defaultFor(whole, option)) !== undefined
  );
}
