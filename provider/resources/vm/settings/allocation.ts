import type * as pulumi from "@pulumi/pulumi";
import * as v from "valibot";
import { SHARE_LEVELS } from "../../../host/vm/settings/allocation.ts";
import type { CheckFailure, Properties } from "../../frame/lifecycle.ts";
import { oneOf, wholeNumber } from "../../inputs/setting-forms.ts";
import type { Theme } from "./setting.ts";

/** How much of a contended resource a virtual machine gets, compared with others. */
export type ShareLevel = "low" | "normal" | "high" | "custom";

/**
 * How much of its host's CPU and memory a virtual machine may use, and how much it is guaranteed. All of it changes in
 * place.
 */
export interface AllocationArgs {
  /**
   * The most CPU that the VM may use, for all its CPUs together, in MHz, 1–10000000. -1 means no limit. Default: as it
   * is.
   */
  cpuLimit?: pulumi.Input<number> | undefined;
  /**
   * CPU that the host reserves for the VM, in MHz, 0–10000000. A host that cannot reserve so much does not power the VM
   * on. Must not exceed `cpuLimit`. Default: as it is, for a new VM 0.
   */
  cpuReservation?: pulumi.Input<number> | undefined;
  /**
   * The VM's share when CPU is short: `low` (500 shares for each virtual CPU), `normal` (1000), `high` (2000), or
   * `custom` with `cpuShareCount`. Default: as it is, for a new VM `normal`.
   */
  cpuShareLevel?: pulumi.Input<ShareLevel> | undefined;
  /**
   * Shares of CPU, 1–1000000, compared with those of all other VMs. Required with `cpuShareLevel: "custom"`, and
   * allowed only then.
   */
  cpuShareCount?: pulumi.Input<number> | undefined;
  /** The most of the host's memory that the VM may use, in MB, 1–25165824. -1 means no limit. Default: as it is. */
  memoryLimit?: pulumi.Input<number> | undefined;
  /**
   * Memory that the host reserves for the VM, in MB, 0–25165824. Must not exceed `memoryLimit` or `memory`. Default: as
   * it is, for a new VM 0.
   */
  memoryReservation?: pulumi.Input<number> | undefined;
  /**
   * The VM's share when memory is short: `low` (5 shares for each MB), `normal` (10), `high` (20), or `custom` with
   * `memoryShareCount`. Default: as it is, for a new VM `normal`.
   */
  memoryShareLevel?: pulumi.Input<ShareLevel> | undefined;
  /**
   * Shares of memory, 1–1000000, compared with those of all other VMs. Required with `memoryShareLevel: "custom"`, and
   * allowed only then.
   */
  memoryShareCount?: pulumi.Input<number> | undefined;
}

/** More than the largest machine could use: 768 CPUs of 13 GHz. */
const MAX_MHZ = 10_000_000;
const MAX_MB = 25_165_824;

const limit = (maximum: number, unit: string) =>
  ({ check: v.optional(wholeNumber(-1, maximum, unit)), told: "value" }) as const;
const reservation = (maximum: number, unit: string) =>
  ({ check: v.optional(wholeNumber(0, maximum, unit)), told: "value" }) as const;
const shareLevel = { check: v.optional(oneOf(SHARE_LEVELS)), told: "value" } as const;
const shareCount = { check: v.optional(wholeNumber(1, 1_000_000, "shares")), told: "value" } as const;

/**
 * Check, cost and preview of each setting.
 * @internal
 */
export const allocation = {
  cpuLimit: limit(MAX_MHZ, "MHz"),
  cpuReservation: reservation(MAX_MHZ, "MHz"),
  cpuShareLevel: shareLevel,
  cpuShareCount: shareCount,
  memoryLimit: limit(MAX_MB, "MB"),
  memoryReservation: reservation(MAX_MB, "MB"),
  memoryShareLevel: shareLevel,
  memoryShareCount: shareCount,
} satisfies Theme<AllocationArgs>;

/**
 * Combinations that are not valid.
 * @internal
 */
export function allocationRules(inputs: Properties): CheckFailure[] {
  return [...rulesOf("cpu", "MHz", inputs), ...rulesOf("memory", "MB", inputs), ...memoryRules(inputs)];
}

function rulesOf(what: "cpu" | "memory", unit: string, inputs: Properties): CheckFailure[] {
  const [limit, reservation] = [inputs[`${what}Limit`], inputs[`${what}Reservation`]];
  const [level, count] = [inputs[`${what}ShareLevel`], inputs[`${what}ShareCount`]];
  const failures: CheckFailure[] = [];
  if (limit === 0) {
    failures.push({
      property: `${what}Limit`,
      reason: `must be at least 1 ${unit}, or -1 for no limit: with 0 the VM could not run`,
    });
  } else if (
    typeof limit === "number" &&
    limit > 0 &&
    typeof reservation === "number" &&
    reservation > limit
  ) {
    failures.push({
      property: `${what}Reservation`,
      reason: `must not exceed ${what}Limit, which is ${limit} ${unit}`,
    });
  }
  if (level === "custom" && count === undefined) {
    failures.push({ property: `${what}ShareCount`, reason: `is required with ${what}ShareLevel: "custom"` });
  }
  const isOtherLevel = level === undefined || level === "low" || level === "normal" || level === "high";
  if (typeof count === "number" && isOtherLevel) {
    failures.push({
      property: `${what}ShareCount`,
      reason: `is only allowed with ${what}ShareLevel: "custom"`,
    });
  }
  return failures;
}

/** A VM cannot be guaranteed more memory than it has. */
function memoryRules({ memory, memoryReservation }: Properties): CheckFailure[] {
  if (typeof memory !== "number" || typeof memoryReservation !== "number") return [];
  if (memoryReservation <= memory) return [];
  return [{ property: "memoryReservation", reason: `must not exceed memory, which is ${memory} MB` }];
}
