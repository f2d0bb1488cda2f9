import { isUnknown } from "../inputs/check-inputs.ts";
import type { CheckFailure, Context } from "./lifecycle.ts";

/** What of the configuration keeps the resource's host from being reached; found without contacting it. */
export function hostProblem(host: unknown, context: Context): CheckFailure[] {
  if (isUnknown(host) || (host !== undefined && typeof host !== "string")) return [];
  try {
    context.host(host);
    return [];
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return [{ property: "host", reason: error.message }];
  }
}
