import * as v from "valibot";
import { GUEST_IDS, vmxGuestOs } from "../../../host/vm/settings/guest-ids.ts";
import { HARDWARE_VERSIONS } from "../../../host/vm/settings/hardware-version.ts";
import { nearestName } from "../../../ovf/did-you-mean.ts";
import type { CheckFailure, Properties } from "../../frame/lifecycle.ts";
import { isUnknown } from "../../inputs/check-inputs.ts";
import { oneOf, text, wholeNumber, yesOrNo } from "../../inputs/setting-forms.ts";

/** What a VM's hardware is like, its size and devices aside. */
export const hardwareEntries = {
  guestId: v.optional(
    v.pipe(
      text,
      v.check(
        (id) => GUEST_IDS.includes(id),
        (issue) => unknownGuest(issue.input),
      ),
    ),
  ),
  hardwareVersion: v.optional(
    v.pipe(
      v.number("must be a number, such as 19"),
      v.check(
        (version) => HARDWARE_VERSIONS.includes(version),
        `must be a version that ESXi runs: ${HARDWARE_VERSIONS.join(", ")}`,
      ),
    ),
  ),
  cpuHotAddEnabled: v.optional(yesOrNo),
  cpuHotRemoveEnabled: v.optional(yesOrNo),
  memoryHotAddEnabled: v.optional(yesOrNo),
  nestedHvEnabled: v.optional(yesOrNo),
  vvtdEnabled: v.optional(yesOrNo),
  vbsEnabled: v.optional(yesOrNo),
  videoMemory: v.optional(wholeNumber(2, 256, "MB")),
  enableDiskUuid: v.optional(yesOrNo),
  enableLogging: v.optional(yesOrNo),
  syncTimeWithHost: v.optional(yesOrNo),
  toolsUpgradePolicy: v.optional(oneOf(["manual", "upgradeAtPowerCycle"])),
};

/** Oldest hardware that has a feature. */
const SINCE: readonly (readonly [setting: string, version: number])[] = [
  ["cpuHotAddEnabled", 7],
  ["cpuHotRemoveEnabled", 7],
  ["memoryHotAddEnabled", 7],
  ["nestedHvEnabled", 9],
  ["efiSecureBootEnabled", 13],
  ["vvtdEnabled", 14],
  ["vbsEnabled", 14],
];

/** What virtualisation-based security is made of. */
const NEEDED_BY_VBS: readonly (readonly [setting: string, value: unknown])[] = [
  ["firmware", "efi"],
  ["efiSecureBootEnabled", true],
  ["nestedHvEnabled", true],
  ["vvtdEnabled", true],
];

/** What is wrong between them and the rest. */
export function hardwareRules(inputs: Properties): CheckFailure[] {
  const { hardwareVersion, vbsEnabled } = inputs;
  const failures: CheckFailure[] = [];
  for (const [property, since] of SINCE) {
    if (inputs[property] === true && typeof hardwareVersion === "number" && hardwareVersion < since) {
      failures.push({
        property,
        reason: `needs hardwareVersion ${since} or newer; here it is ${hardwareVersion}`,
      });
    }
  }
  if (vbsEnabled === true) {
    const missing = NEEDED_BY_VBS.filter(([key, value]) => inputs[key] !== value && !isUnknown(inputs[key]));
    if (missing.length > 0) {
      const told = missing.map(([key, value]) => `${key}: ${JSON.stringify(value)}`).join(", ");
      failures.push({ property: "vbsEnabled", reason: `needs ${told} as well` });
    }
  }
  return failures;
}

function unknownGuest(id: string): string {
  // People know the names of .vmx files as well, and forget the ending.
  const meant =
    GUEST_IDS.find((known) => vmxGuestOs(known) === id.toLowerCase()) ??
    nearestName(`${id}Guest`, GUEST_IDS) ??
    nearestName(id, GUEST_IDS);
  return meant === undefined
    ? 'is no guest that vSphere knows; "otherLinux64Guest" and "otherGuest64" stand for all others'
    : `is no guest that vSphere knows; did you mean ${JSON.stringify(meant)}?`;
}
