import type { Properties } from "../../frame/lifecycle.ts";
import { documentWarnings } from "../settings/guest-documents.ts";
import { driverWarnings } from "./driver-warnings.ts";
import { unitWarnings } from "./unit-warnings.ts";

/**
 * What a host takes and people hardly mean, or what the guest will not understand.
 *
 * @param makesNew Whether what has no type is new: an adapter is then a vmxnet3, and a disk
 * on the first one's controller, or pvscsi.
 */
export function vmWarnings(inputs: Properties, options: { readonly makesNew: boolean }): string[] {
  return [...driverWarnings(inputs, options), ...unitWarnings(inputs), ...documentWarnings(inputs)];
}
