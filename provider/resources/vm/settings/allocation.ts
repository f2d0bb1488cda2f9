import * as v from "valibot";
import { SHARE_LEVELS } from "../../../host/vm/settings/allocation.ts";
import type { CheckFailure, Properties } from "../../frame/lifecycle.ts";
import { oneOf, wholeNumber } from "../../inputs/setting-forms.ts";

/** More than the largest machine could use: 768 CPUs of 13 GHz. */
const MAX_MHZ = 10_000_000;
const MAX_MB = 25_165_824;

const limit = (maximum: number, unit: string) => v.optional(wholeNumber(-1, maximum, unit));
const reservation = (maximum: number, unit: string) => v.optional(wholeNumber(0, maximum, unit));
const shareLevel = v.optional(oneOf(SHARE_LEVELS));
const shareCount = v.optional(wholeNumber(1, 1_000_000, "shares"));

/** What a VM is allowed and guaranteed of its host's CPU and memory. */
export const allocationEntries = {
  cpuLimit: limit(MAX_MHZ, "MHz"),
  cpuReservation: reservation(MAX_MHZ, "MHz"),
  cpuShareLevel: shareLevel,
  cpuShareCount: shareCount,
  memoryLimit: limit(MAX_MB, "MB"),
  memoryReservation: reservation(MAX_MB, "MB"),
  memoryShareLevel: shareLevel,
  memoryShareCount: shareCount,
};

/** What is wrong between them. */
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
      reason: `must be at least 1 ${unit}, or -1 for no limit: with 0 the VM would stand still`,
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
      reason: `has a meaning with ${what}ShareLevel: "custom" only`,
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
