import { isDeepStrictEqual } from "node:util";
import { isUnknown } from "../../inputs/check-inputs.ts";
import type { Properties } from "../lifecycle.ts";
import { type PropertyPath, parsePropertyPath } from "./pulumi-property-path.ts";

/**
 * What the class hands over of the option `replaceOnChanges`: property paths. Pulumi does not tell dynamic providers
 * of it.
 */
const OPTION = "__replaceOnChanges";

/**
 * The changed settings that replace the resource because of the option `replaceOnChanges`.
 * @param ours Settings that change nothing on the host. `*` does not stand for these.
 */
export function replacedByOption(
  changed: readonly string[],
  olds: Properties,
  news: Properties,
  ours: readonly string[],
): string[] {
  const option = news[OPTION];
  const paths = (Array.isArray(option) ? option : []).map((path) => parsePropertyPath(String(path)));
  return changed.filter((key) =>
    paths.some(([first, ...rest]) =>
      first === "*" ? !ours.includes(key) : first === key && changesAt(rest, olds[key], news[key]),
    ),
  );
}

/** Whether old and new differ in what lies at the path. */
function changesAt([first, ...rest]: PropertyPath, old: unknown, wanted: unknown): boolean {
  if (isUnknown(wanted)) return true;
  if (first === undefined) return !isDeepStrictEqual(old, wanted);
  const [before, after] = [fieldsOf(old), fieldsOf(wanted)];
  const keys = first === "*" ? [...new Set([...Object.keys(before), ...Object.keys(after)])] : [first];
  return keys.some((key) => changesAt(rest, before[key], after[key]));
}

const fieldsOf = (value: unknown): Properties => (typeof value === "object" ? { ...value } : {});
