import type { Properties } from "../../frame/lifecycle.ts";
import { documentWarnings } from "../settings/guest-documents.ts";
import { driverWarnings } from "./driver-warnings.ts";
import { unitWarnings } from "./unit-warnings.ts";

/**
 * Warnings for values that a host accepts but people hardly mean, or that the guest does not understand.
 *
 * @param makesNew As in {@link driverWarnings}.
 */
export function vmWarnings(inputs: Properties, options: { readonly makesNew: boolean }): string[] {
  return [...driverWarnings(inputs, options), ...unitWarnings(inputs), ...documentWarnings(inputs)];
}
