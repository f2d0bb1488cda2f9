import type * as pulumi from "@pulumi/pulumi";
import * as v from "valibot";
import { BOOT_DEVICES } from "../../../host/vm/settings/boot-order.ts";
import type { CheckFailure, Properties } from "../../frame/lifecycle.ts";
import { isUnknown } from "../../inputs/check-inputs.ts";
import { oneOf, wholeNumber, yesOrNo } from "../../inputs/setting-forms.ts";
import type { Theme } from "./setting.ts";

/** A kind of device that a virtual machine can boot from: of disks and network adapters the first. */
export type BootDevice = "disk" | "cdrom" | "ethernet" | "floppy";

/** How a virtual machine starts its guest. */
export interface BootArgs {
  /**
   * `bios` or `efi`. Default: as it is, for a new VM `bios`. Changed with one power cycle; an installed guest boots only
   * with the one that it was installed with.
   */
  firmware?: pulumi.Input<"bios" | "efi"> | undefined;
  /**
   * Whether EFI starts nothing without a signature that it knows. Needs `firmware: "efi"` and virtual hardware 13. Default:
   * as it is, for a new VM false. Changed with one power cycle.
   */
  efiSecureBootEnabled?: pulumi.Input<boolean> | undefined;
  /**
   * How long the firmware waits, for somebody to press a key, before it boots, in milliseconds, 0–10000000. Default: as
   * it is, for a new VM 0. Changed in place, for the next boot.
   */
  bootDelay?: pulumi.Input<number> | undefined;
  /**
   * Whether a VM that found nothing to boot from tries again by itself. Default: as it is, for a new VM false. Changed in
   * place, for the next boot.
   */
  bootRetryEnabled?: pulumi.Input<boolean> | undefined;
  /**
   * After how long it tries again, in milliseconds, 1000–10000000, a multiple of 1000. Default: as it is, for a new VM 10000.
   * Changed in place, for the next boot.
   */
  bootRetryDelay?: pulumi.Input<number> | undefined;
  /**
   * What the firmware tries first: `disk`, `cdrom`, `ethernet`, `floppy`, each kind once; then it goes on in its own order. A kind that the VM does not have is
   * left out. An empty list takes an order back. Default: as it is, for a new VM the firmware's own. Changed in place, for
   * the next boot. For example `["cdrom", "disk"]`.
   */
  bootOrder?: pulumi.Input<pulumi.Input<BootDevice>[]> | undefined;
}

const MAX_MS = 10_000_000;

/**
 * Check, cost and preview of each.
 * @internal
 */
export const boot = {
  firmware: { check: v.optional(oneOf(["bios", "efi"])), told: "value" },
  efiSecureBootEnabled: { check: v.optional(yesOrNo), told: "value" },
  bootDelay: { check: v.optional(wholeNumber(0, MAX_MS, "ms")), told: "value" },
  bootRetryEnabled: { check: v.optional(yesOrNo), told: "value" },
  bootRetryDelay: {
    check: v.optional(
      v.pipe(
        wholeNumber(1000, MAX_MS, "ms"),
        v.check((value) => value % 1000 === 0, "must be a multiple of 1000 ms: the host keeps whole seconds"),
      ),
    ),
    told: "value",
  },
  bootOrder: {
    check: v.optional(
      v.pipe(
        v.array(oneOf(BOOT_DEVICES), "must be a list"),
        v.check((kinds) => new Set(kinds).size === kinds.length, "must name each kind of device once"),
      ),
    ),
    told: "value",
  },
} satisfies Theme<BootArgs>;

/**
 * What is wrong between them and the rest.
 * @internal
 */
export function bootRules({ firmware, efiSecureBootEnabled }: Properties): CheckFailure[] {
  if (efiSecureBootEnabled !== true || firmware === "efi" || isUnknown(firmware)) return [];
  return [{ property: "efiSecureBootEnabled", reason: 'needs firmware: "efi"; a BIOS has no secure boot' }];
}
