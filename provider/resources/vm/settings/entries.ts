import type { Properties } from "../../frame/lifecycle.ts";

/** The entries of a setting that is a list of objects. Empty if it is no such list, or not known yet. */
export function entriesOf(setting: unknown): Properties[] {
  if (!Array.isArray(setting)) return [];
  return setting.flatMap((entry): Properties[] =>
    typeof entry === "object" && entry !== null && !Array.isArray(entry) ? [entry] : [],
  );
}

/** The parts of a setting that is an object. Empty if it is no object, or not known yet. */
export const partsOf = (setting: unknown): Properties =>
  typeof setting === "object" && setting !== null && !Array.isArray(setting) ? (setting as Properties) : {};
