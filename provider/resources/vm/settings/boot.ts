import * as v from "valibot";
import { BOOT_DEVICES } from "../../../host/vm/settings/boot-order.ts";
import type { CheckFailure, Properties } from "../../frame/lifecycle.ts";
import { isUnknown } from "../../inputs/check-inputs.ts";
import { oneOf, wholeNumber, yesOrNo } from "../../inputs/setting-forms.ts";

const MAX_MS = 10_000_000;

/** How a VM starts its guest. */
export const bootEntries = {
  firmware: v.optional(oneOf(["bios", "efi"])),
  efiSecureBootEnabled: v.optional(yesOrNo),
  bootDelay: v.optional(wholeNumber(0, MAX_MS, "ms")),
  bootRetryEnabled: v.optional(yesOrNo),
  bootRetryDelay: v.optional(
    v.pipe(
      wholeNumber(1000, MAX_MS, "ms"),
      v.check((value) => value % 1000 === 0, "must be a multiple of 1000 ms: the host keeps whole seconds"),
    ),
  ),
  bootOrder: v.optional(
    v.pipe(
      v.array(oneOf(BOOT_DEVICES), "must be a list"),
      v.check((kinds) => new Set(kinds).size === kinds.length, "must name each kind of device once"),
    ),
  ),
};

/** What is wrong between them and the rest. */
export function bootRules({ firmware, efiSecureBootEnabled }: Properties): CheckFailure[] {
  if (efiSecureBootEnabled !== true || firmware === "efi" || isUnknown(firmware)) return [];
  return [{ property: "efiSecureBootEnabled", reason: 'needs firmware: "efi"; a BIOS has no secure boot' }];
}
