import * as v from "valibot";
import { unsayable } from "../../host/network/esxcli-steps.ts";
import type { CheckFailure, Properties } from "../frame/lifecycle.ts";
import { isUnknown } from "../inputs/check-inputs.ts";
import { name, oneOf, wholeNumber, yesOrNo } from "../inputs/setting-forms.ts";
import type { Ability } from "../preview/wants.ts";

const bandwidth = wholeNumber(1, Number.MAX_SAFE_INTEGER, "bits per second");
const burst = wholeNumber(1, Number.MAX_SAFE_INTEGER, "bytes");

/** Names of network adapters. */
export const adapters = v.array(name, "must be a list of names");

export const teamingPolicy = oneOf([
  "loadbalance_ip",
  "loadbalance_srcmac",
  "loadbalance_srcid",
  "failover_explicit",
]);

/** Settings of a policy that leaves out what it does not name. */
export const policyEntries = {
  allowPromiscuous: v.optional(yesOrNo),
  allowMacChanges: v.optional(yesOrNo),
  allowForgedTransmits: v.optional(yesOrNo),
  teamingPolicy: v.optional(teamingPolicy),
  activeNics: v.optional(adapters),
  standbyNics: v.optional(adapters),
  notifySwitches: v.optional(yesOrNo),
  failback: v.optional(yesOrNo),
  checkBeacon: v.optional(yesOrNo),
  shapingEnabled: v.optional(yesOrNo),
  shapingAverageBandwidth: v.optional(bandwidth),
  shapingPeakBandwidth: v.optional(bandwidth),
  shapingBurstSize: v.optional(burst),
};

export const POLICY_KEYS: readonly string[] = Object.keys(policyEntries);

/** Settings of a policy that contradict each other. Values that a preview does not know yet are not checked. */
export function policyRules(inputs: Properties): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const { activeNics, standbyNics, shapingEnabled } = inputs;
  const active = namesOf(activeNics);
  const standby = namesOf(standbyNics);
  for (const [property, names] of [
    ["activeNics", active],
    ["standbyNics", standby],
  ] as const) {
    const twice = names.find((one, index) => names.indexOf(one) !== index);
    if (twice !== undefined) failures.push({ property, reason: `names ${twice} twice` });
  }
  const both = standby.find((one) => active.includes(one));
  if (both !== undefined)
    failures.push({ property: "standbyNics", reason: `names ${both}, which is also in activeNics` });
  const { shapingAverageBandwidth: average, shapingPeakBandwidth: peak } = inputs;
  if (shapingEnabled === true) {
    for (const property of ["shapingAverageBandwidth", "shapingPeakBandwidth", "shapingBurstSize"]) {
      if (inputs[property] === undefined)
        failures.push({ property, reason: "is required with shapingEnabled: true" });
    }
  }
  if (typeof average === "number" && typeof peak === "number" && peak < average)
    failures.push({ property: "shapingPeakBandwidth", reason: "must be at least shapingAverageBandwidth" });
  return failures;
}

/** The settings of a policy that the host's shell cannot set. */
export function policyAbilities(inputs: Properties): Ability[] {
  const problem = unsayable(Object.fromEntries(SHAPING.map((key) => [key, known(inputs[key])])));
  if (problem === undefined) return [];
  return [{ kind: "api", ...problem, value: inputs[problem.property] }];
}

const SHAPING = ["shapingAverageBandwidth", "shapingPeakBandwidth", "shapingBurstSize"];
const known = (value: unknown) => (typeof value === "number" ? value : undefined);

/** The texts of a list that is known. Empty for anything else. */
export function namesOf(value: unknown): string[] {
  if (!Array.isArray(value) || isUnknown(value)) return [];
  return value.filter((one): one is string => typeof one === "string");
}
