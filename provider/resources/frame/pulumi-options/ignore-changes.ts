import type { Properties } from "../lifecycle.ts";
import { type PropertyPath, parsePropertyPath, takeAt } from "./pulumi-property-path.ts";

/**
 * What the class hands over of the option `ignoreChanges`: property paths. Pulumi does not tell dynamic providers of
 * it.
 */
const OPTION = "__ignoreChanges";

/** Inputs that check works out of others, and that are left alone together with these. */
const WORKED_OUT: Readonly<Record<string, readonly string[]>> = {
  ovaPath: ["ovaDigest"],
  source: ["content", "contentSha256"],
};

/**
 * The settings with what `ignoreChanges` names as it is now, so that it changes nothing.
 *
 * The engine does the same with the inputs of the last run. That is not enough: somebody may have changed the host
 * since.
 *
 * @param inputs They have the option.
 * @param now What there is: outputs, or what the host has at this moment.
 */
export function withIgnored<T extends Properties>(settings: T, inputs: Properties, now: Properties): T {
  const kept = ignoredPaths(inputs).reduce<unknown>((value, path) => takeAt(path, value, now), settings);
  return kept as T;
}

/**
 * As {@link withIgnored}, with what the host has at this moment. It is asked only if the option names anything.
 *
 * @param olds Outputs.
 * @param now Undefined for something that is gone, or was never whole: it has no values that could stay.
 */
export async function withIgnoredNow<T extends Properties>(
  settings: T,
  inputs: Properties,
  olds: Properties,
  now: () => Promise<Properties | undefined>,
): Promise<T> {
  const there = ignoredPaths(inputs).length > 0 ? await now() : undefined;
  return there === undefined ? settings : withIgnored(settings, inputs, { ...olds, ...there });
}

/** Whether the whole of a setting is to be left as it is. */
export function isIgnored(key: string, inputs: Properties): boolean {
  return ignoredPaths(inputs).some(
    ([first, ...rest]) => rest.length === 0 && (first === key || first === "*"),
  );
}

function ignoredPaths({ [OPTION]: option }: Properties): PropertyPath[] {
  const paths = (Array.isArray(option) ? option : []).map((path) => parsePropertyPath(String(path)));
  const further = paths.flatMap((path) => (path.length === 1 ? (WORKED_OUT[path[0] ?? ""] ?? []) : []));
  return [...paths, ...further.map((key) => [key])];
}
