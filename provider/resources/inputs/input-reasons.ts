import type * as v from "valibot";
import { nearestName } from "../../ovf/did-you-mean.ts";
import { fromElsewhere, notHere, valueFromElsewhere } from "./foreign-names.ts";
import { entriesOf, exampleOf, literalsOf, optionsOf, partsOf, schemaAt } from "./input-shapes.ts";

/**
 * What is wrong with an input, in plain words: the setting's own message, and beside it which name was probably
 * meant, which form is needed, and what was given instead. Values are never shown, because they may be secret.
 */
export function reasonOf(issue: v.BaseIssue<unknown>, schema: v.GenericSchema): string {
  const path = (issue.path ?? []).map(({ key }) => key);
  if (issue.kind === "schema" && issue.type === "strict_object" && issue.expected === "never") {
    const parent = schemaAt(schema, path.slice(0, -1));
    return `${issue.message}${parent ? meantName(String(path.at(-1)), parent) : ""}`;
  }
  const at = schemaAt(schema, path);
  if (issue.kind !== "schema" || at === undefined || issue.received === "undefined") return issue.message;
  if (issue.input === null) return `${issue.message}, not null: leave it out instead`;
  switch (issue.type) {
    case "strict_object":
    case "object":
    case "record":
      return `must be an object such as ${exampleOf(at)}, not ${kindOf(issue.input)}`;
    case "array":
      return `${issue.message}, such as ${exampleOf(at)}, not ${kindOf(issue.input)}`;
    case "number":
      return `${issue.message}${typeof issue.input === "string" ? textForNumber(issue.input) : ""}`;
    case "boolean":
      return isQuotedBoolean(issue.input)
        ? `${issue.message}, without quotes`
        : `${issue.message}, not ${kindOf(issue.input)}`;
    case "string":
      return ["number", "boolean"].includes(typeof issue.input)
        ? `${issue.message}, not ${kindOf(issue.input)}: put it in quotes`
        : `${issue.message}${typeof issue.input === "object" ? `, not ${kindOf(issue.input)}` : ""}`;
    case "picklist":
      return `${issue.message}${meantOption(issue.input, optionsOf(at))}`;
    case "union":
      return isQuotedBoolean(issue.input)
        ? `${issue.message}: write it without quotes`
        : `${issue.message}${meantOption(issue.input, literalsOf(at))}`;
    default:
      return issue.message;
  }
}

const isQuotedBoolean = (given: unknown): boolean =>
  typeof given === "string" && /^(true|false)$/i.test(given);

function meantName(name: string, parent: v.GenericSchema): string {
  const known = Object.keys(entriesOf(parent));
  const foreign = fromElsewhere(name, known);
  if (foreign !== undefined) return `; did you mean ${foreign}?`;
  const inside = insideOf(name, parent);
  if (inside !== undefined) return `; did you mean ${inside}?`;
  const why = notHere(name);
  if (why !== undefined) return `: ${why}`;
  const meant = nearestName(name, known);
  return meant === undefined ? "" : `; did you mean ${meant}?`;
}

/** A setting of that name inside one of these, as `disks: [{ size }]`. */
function insideOf(name: string, parent: v.GenericSchema): string | undefined {
  for (const [key, schema] of Object.entries(entriesOf(parent))) {
    const { parts, isList } = partsOf(schema);
    const inner = fromElsewhere(name, parts);
    if (inner !== undefined) return `${key}: ${isList ? `[{ ${inner} }]` : `{ ${inner} }`}`;
  }
  return undefined;
}

function meantOption(given: unknown, options: readonly unknown[]): string {
  if (typeof given !== "string") return "";
  const known = options.filter((option) => typeof option === "string");
  const meant = valueFromElsewhere(given, known) ?? nearestName(given, known);
  return meant === undefined ? "" : `; did you mean ${JSON.stringify(meant)}?`;
}

const textForNumber = (given: string): string =>
  given.trim() !== "" && Number.isFinite(Number(given))
    ? ", not a text: write it without quotes"
    : ", not a text";

function kindOf(value: unknown): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return "a text";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
