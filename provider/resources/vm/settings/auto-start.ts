import type * as pulumi from "@pulumi/pulumi";
import * as v from "valibot";
import { unknownSetting, wholeNumber, yesOrNo } from "../../inputs/setting-forms.ts";
import type { Theme } from "./setting.ts";

/** Whether and how a machine starts and stops with its host. */
export interface AutoStartArgs {
  /** Default true. False takes the machine out of the host's list. */
  enabled?: pulumi.Input<boolean> | undefined;
  /**
   * Place in the start order, 1–10000. Gaps are allowed, because only the order counts. Of two VMs with the same
   * number, the one that was there first comes first. Default: after all VMs with a number, in no order.
   */
  order?: pulumi.Input<number> | undefined;
  /** Seconds to wait after the start of this VM, 0–86400. Default: the host's own. */
  startDelaySeconds?: pulumi.Input<number> | undefined;
  /** Whether the next VM starts as soon as VMware Tools run, before the delay is over. Default: the host's own. */
  waitForHeartbeat?: pulumi.Input<boolean> | undefined;
  /** Seconds to wait after the stop of this VM, 0–86400. Default: the host's own. */
  stopDelaySeconds?: pulumi.Input<number> | undefined;
  /** What the host does with the VM when the host itself stops. Default: the host's own. */
  stopAction?: pulumi.Input<"powerOff" | "suspend" | "guestShutdown"> | undefined;
}

/** Whether a virtual machine starts and stops with its host. */
export interface StartSettings {
  /**
   * Whether the VM starts and stops with its host. Changed in place. Switches the host's list of such VMs on if it is
   * off. Default: as the host has it. For example `{ order: 1 }`.
   */
  autoStart?: pulumi.Input<AutoStartArgs> | undefined;
}

const delay = v.optional(wholeNumber(0, 86_400, "seconds"));

/**
 * Check, cost and preview of the setting.
 * @internal
 */
export const autoStart = {
  autoStart: {
    check: v.optional(
      v.strictObject(
        {
          enabled: v.optional(yesOrNo, true),
          order: v.optional(wholeNumber(1, 10_000, "")),
          startDelaySeconds: delay,
          waitForHeartbeat: v.optional(yesOrNo),
          stopDelaySeconds: delay,
          stopAction: v.optional(
            v.picklist(
              ["powerOff", "suspend", "guestShutdown"],
              "must be one of powerOff, suspend, guestShutdown",
            ),
          ),
        },
        unknownSetting,
      ),
    ),
    cost: "inPlace",
    told: "parts",
  },
} satisfies Theme<StartSettings>;
