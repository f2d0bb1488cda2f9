import type { OvfProperty } from "../descriptor/descriptor.ts";

/** Limits of a property's value, from its qualifiers. Unknown qualifiers are left to the guest. */
interface PropertyLimits {
  /** Characters. */
  readonly minLen: number | undefined;
  readonly maxLen: number | undefined;
  readonly minValue: number | undefined;
  readonly maxValue: number | undefined;
  /** The only values allowed. */
  readonly valueMap: readonly string[] | undefined;
}

/** Longer numbers are out of every range, and expensive to read. */
const LONGEST_INTEGER = 100;
/** So many allowed values are named in a message. */
const MOST_VALUES_NAMED = 20;
const INTEGER_RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  uint8: [0n, 2n ** 8n - 1n],
  uint16: [0n, 2n ** 16n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
  sint8: [-(2n ** 7n), 2n ** 7n - 1n],
  sint16: [-(2n ** 15n), 2n ** 15n - 1n],
  sint32: [-(2n ** 31n), 2n ** 31n - 1n],
  sint64: [-(2n ** 63n), 2n ** 63n - 1n],
  // Not in DSP0243, but VMware's own appliances use it.
  int: [-(2n ** 31n), 2n ** 31n - 1n],
};

/** Parses qualifiers such as `MinLen(1) MaxLen(20)`, `MinValue(1),MaxValue(9)`, `ValueMap{"a","b"}`. */
function parseQualifiers(text: string): PropertyLimits {
  const qualifiers = qualifiersIn(text);
  const number = (name: string): number | undefined => {
    const value = qualifiers.get(name)?.trim() ?? "";
    return /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
  };
  const values = qualifiers.get("valuemap")?.match(/"[^"]*"|'[^']*'|[^,\s][^,]*/g) ?? undefined;
  return {
    minLen: number("minlen"),
    maxLen: number("maxlen"),
    minValue: number("minvalue"),
    maxValue: number("maxvalue"),
    valueMap: values?.map((value) => value.trim().replace(/^(["'])(.*)\1$/, "$2")),
  };
}

/** The text in the brackets of each qualifier, by its name in lower case. The first of a name counts. */
function qualifiersIn(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const word = /\w+/g;
  const opens = /\s*[({]/y;
  for (let match = word.exec(text); match !== null; match = word.exec(text)) {
    opens.lastIndex = word.lastIndex;
    if (!opens.test(text)) continue;
    const end = closingBracket(text, opens.lastIndex);
    if (end === undefined) break;
    const name = match[0].toLowerCase();
    if (!found.has(name)) found.set(name, text.slice(opens.lastIndex, end));
    word.lastIndex = end + 1;
  }
  return found;
}

/** Quotes may hold brackets. */
function closingBracket(text: string, from: number): number | undefined {
  for (let at = from; at < text.length; at++) {
    const character = text[at] ?? "";
    if (character === ")" || character === "}") return at;
    if (character !== '"' && character !== "'") continue;
    at = text.indexOf(character, at + 1);
    if (at < 0) return undefined;
  }
  return undefined;
}

/**
 * What is wrong with a value for a property. The text never repeats the value, because it may be a password.
 * @returns Undefined if it fits the property's type and qualifiers.
 */
export function valueProblem(
  property: Pick<OvfProperty, "type" | "qualifiers">,
  value: string,
): string | undefined {
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\ufffe\uffff]/u.test(value)) {
    return "has characters that XML cannot carry";
  }
  const limits = parseQualifiers(property.qualifiers);
  return typeProblem(property.type, value, limits) ?? limitProblem(limits, value);
}

function typeProblem(typeName: string, value: string, limits: PropertyLimits): string | undefined {
  const type = typeName.toLowerCase();
  const range = INTEGER_RANGES[type];
  if (range !== undefined) {
    const text = value.trim();
    if (!/^[+-]?\d+$/.test(text)) return `must be a whole number (${typeName})`;
    const isLong = text.length > LONGEST_INTEGER;
    const number = isLong ? 0n : BigInt(text.replace(/^\+/, ""));
    if (isLong || number < range[0] || number > range[1])
      return `must be from ${range[0]} to ${range[1]} (${typeName})`;
    return numberProblem(Number(text), limits);
  }
  if (/^real(32|64)?$/.test(type)) {
    const number = value.trim() === "" ? Number.NaN : Number(value);
    return Number.isFinite(number) ? numberProblem(number, limits) : `must be a number (${typeName})`;
  }
  // A boolean without a value is an unchecked box in every VMware client, so it is no mistake.
  if (type === "boolean" && !/^(true|false|)$/i.test(value.trim())) return "must be True or False";
  return undefined;
}

function numberProblem(number: number, { minValue, maxValue }: PropertyLimits): string | undefined {
  if (minValue !== undefined && number < minValue) return `must be at least ${minValue}`;
  if (maxValue !== undefined && number > maxValue) return `must be at most ${maxValue}`;
  return undefined;
}

function limitProblem({ minLen, maxLen, valueMap }: PropertyLimits, value: string): string | undefined {
  const length = [...value].length;
  if (minLen !== undefined && length < minLen) {
    return length === 0 ? "must not be empty" : `must have at least ${minLen} characters`;
  }
  if (maxLen !== undefined && length > maxLen) return `must have at most ${maxLen} characters`;
  if (valueMap !== undefined && !valueMap.includes(value)) {
    const named = valueMap.slice(0, MOST_VALUES_NAMED).map((allowed) => JSON.stringify(allowed));
    const more = valueMap.length > named.length ? ` and ${valueMap.length - named.length} more` : "";
    return `must be one of ${named.join(", ")}${more}`;
  }
  return undefined;
}
