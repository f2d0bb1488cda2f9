import { isUnknown } from "../../check-inputs.ts";
import type { Properties } from "../../lifecycle.ts";

/** The entries of a setting that is a list of objects; nothing of what is unknown yet or wrong in itself. */
export function entriesOf(setting: unknown): Properties[] {
  if (!Array.isArray(setting)) return [];
  return setting.map((entry) => {
    if (typeof entry !== "object" || entry === null) return {};
    return Object.fromEntries(Object.entries(entry).filter(([, value]) => !isUnknown(value)));
  });
}
