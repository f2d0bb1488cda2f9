import type * as pulumi from "@pulumi/pulumi";
import * as v from "valibot";
import { BOOT_DEVICES } from "../../../host/vm/settings/boot-order.ts";
import type { CheckFailure, Properties } from "../../frame/lifecycle.ts";
import { isUnknown } from "../../inputs/check-inputs.ts";
import { oneOf, wholeNumber, yesOrNo } from "../../inputs/setting-forms.ts";
import type { Theme } from "./setting.ts";

/** A kind of device that a virtual machine can boot from. For disks and network adapters, the first one is meant. */
export type BootDevice = "disk" | "cdrom" | "ethernet" | "floppy";

/** How a virtual machine starts its guest. */
export interface BootArgs {
  /**
   * `bios` or `efi`. Default: as it is, for a new VM `bios`. Changed with one power cycle. An installed guest boots
   * only with the firmware with which it was installed.
   */
  firmware?: pulumi.Input<"bios" | "efi"> | undefined;
  /**
   * Whether EFI starts only programs with a signature that it knows. Needs `firmware: "efi"` and virtual hardware 13.
   * Default: as it is, for a new VM false. Changed with one power cycle.
   */
  efiSecureBootEnabled?: pulumi.Input<boolean> | undefined;
  /**
   * How long the firmware waits for a key before it boots, in milliseconds, 0–10000000. Default: as it is, for a new VM
   * 0. Changed in place, for the next boot.
   */
  bootDelay?: pulumi.Input<number> | undefined;
  /**
   * Whether a VM that has found no device to boot from tries again by itself. Default: as it is, for a new VM false.
   * Changed in place, for the next boot.
   */
  bootRetryEnabled?: pulumi.Input<boolean> | undefined;
  /**
   * The time before it tries again, in milliseconds, 1000–10000000, a multiple of 1000. Default: as it is, for a new VM
   * 10000. Changed in place, for the next boot.
   */
  bootRetryDelay?: pulumi.Input<number> | undefined;
  /**
   * The devices that the firmware tries first: `disk`, `cdrom`, `ethernet`, `floppy`, each kind once. After them the
   * firmware goes on in its own order. A kind that the VM does not have is left out. An empty list removes the order.
   * Default: as it is, for a new VM the firmware's own. Changed in place, for the next boot. For example
   * `["cdrom", "disk"]`.
   */
  bootOrder?: pulumi.Input<pulumi.Input<BootDevice>[]> | undefined;
}

const MAX_MS = 10_000_000;

/**
 * Check, cost and preview of each setting.
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
        v.check(
          (value) => value % 1000 === 0,
          "must be a multiple of 1000 ms: the host stores whole seconds",
        ),
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
 * Combinations with other settings that are not valid.
 * @internal
 */
export function bootRules({ firmware, efiSecureBootEnabled }: Properties): CheckFailure[] {
  if (efiSecureBootEnabled !== true || firmware === "efi" || isUnknown(firmware)) return [];
  return [
    { property: "efiSecureBootEnabled", reason: 'needs firmware: "efi", because a BIOS has no secure boot' },
  ];
}
