import { isUnknown } from "../inputs/check-inputs.ts";
import type { CheckFailure, Context } from "./lifecycle.ts";

/** What in the configuration keeps us from reaching the resource's host. Contacts no host. */
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
