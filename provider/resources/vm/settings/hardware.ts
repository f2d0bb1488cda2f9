import type * as pulumi from "@pulumi/pulumi";
import * as v from "valibot";
import { GUEST_IDS, vmxGuestOs } from "../../../host/vm/settings/guest-ids.ts";
import { HARDWARE_VERSIONS } from "../../../host/vm/settings/hardware-version.ts";
import { nearestName } from "../../../ovf/did-you-mean.ts";
import type { CheckFailure, Properties } from "../../frame/lifecycle.ts";
import { isUnknown } from "../../inputs/check-inputs.ts";
import { oneOf, text, wholeNumber, yesOrNo } from "../../inputs/setting-forms.ts";
import type { CostOf, Theme } from "./setting.ts";

/**
 * The virtual hardware of a machine, without its devices. Changed with one power cycle unless a setting says otherwise.
 */
export interface HardwareArgs {
  /**
   * Virtual CPUs, 1–768. Default: as the source has it. Changed in place if CPU hot-add is on and the number grows,
   * otherwise with one power cycle.
   */
  numCpus?: pulumi.Input<number> | undefined;
  /**
   * Cores per virtual socket, 1–768; must divide `numCpus`. Default: as the source has it. Changed with one power
   * cycle.
   */
  numCoresPerSocket?: pulumi.Input<number> | undefined;
  /**
   * Memory in MB, 4–25165824, a multiple of 4. Default: as the source has it. Changed in place if memory hot-add is on
   * and it grows, otherwise with one power cycle.
   */
  memory?: pulumi.Input<number> | undefined;
  /** Notes, shown in the host's client. Changed in place. Default: as the source has it. */
  annotation?: pulumi.Input<string> | undefined;
  /**
   * The guest operating system, by vSphere's id: `ubuntu64Guest`, `debian12_64Guest`, `windows2019srv_64Guest`,
   * `otherLinux64Guest`, `otherGuest64`, … The host chooses defaults by it. Default: as it is, for a new VM
   * `otherGuest64`. If the guest has no driver for a device of the VM, there is a warning.
   *
   * @see
   * https://developer.broadcom.com/xapis/vsphere-web-services-api/latest/vim.vm.GuestOsDescriptor.GuestOsIdentifier.html
   */
  guestId?: pulumi.Input<string> | undefined;
  /**
   * Version of the virtual hardware, 4–22; ESXi 6.5 runs up to 13, 6.7 up to 14 (Update 2: 15), 7.0 up to 17 (Update 1:
   * 18, Update 2: 19), 8.0 up to 20 (Update 2: 21), 9.0 up to 22. Default: as it is, for a new VM the newest that the
   * host runs. A newer one comes with one power cycle. An older one replaces the VM, because a machine cannot go back.
   */
  hardwareVersion?: pulumi.Input<number> | undefined;
  /** Whether CPUs can be added while the VM runs. Needs virtual hardware 7. Default: as it is, for a new VM false. */
  cpuHotAddEnabled?: pulumi.Input<boolean> | undefined;
  /**
   * Whether CPUs can be removed while the VM runs. Few guests support that. Needs virtual hardware 7. Default: as it
   * is, for a new VM false.
   */
  cpuHotRemoveEnabled?: pulumi.Input<boolean> | undefined;
  /** Whether memory can be added while the VM runs. Needs virtual hardware 7. Default: as it is, for a new VM false. */
  memoryHotAddEnabled?: pulumi.Input<boolean> | undefined;
  /**
   * Whether the guest can use the CPU's virtualisation and run VMs itself. Needs virtual hardware 9. Default: as it is,
   * for a new VM false.
   */
  nestedHvEnabled?: pulumi.Input<boolean> | undefined;
  /** Whether the guest has an IOMMU. Needs virtual hardware 14. Default: as it is, for a new VM false. */
  vvtdEnabled?: pulumi.Input<boolean> | undefined;
  /**
   * Whether Windows can use virtualisation-based security. Needs virtual hardware 14, `firmware: "efi"` and
   * `efiSecureBootEnabled`, `nestedHvEnabled` and `vvtdEnabled`. Default: as it is, for a new VM false.
   */
  vbsEnabled?: pulumi.Input<boolean> | undefined;
  /** Memory of the video card, in MB, 2–256. Default: as it is, for a new VM what the host chooses for the guest. */
  videoMemory?: pulumi.Input<number> | undefined;
  /** Whether the guest sees the UUIDs of its disks. Default: as it is, for a new VM false. */
  enableDiskUuid?: pulumi.Input<boolean> | undefined;
  /** Whether the host writes `vmware.log` into the VM's folder. Default: as it is, for a new VM true. */
  enableLogging?: pulumi.Input<boolean> | undefined;
  /**
   * Whether VMware Tools keep the guest's clock equal to the host's all the time. Default: as it is, for a new VM
   * false. Changed in place.
   */
  syncTimeWithHost?: pulumi.Input<boolean> | undefined;
  /**
   * Whether the host updates VMware Tools by itself at power-on (`upgradeAtPowerCycle`), or never (`manual`). Default:
   * as it is, for a new VM `manual`. Changed in place.
   */
  toolsUpgradePolicy?: pulumi.Input<"manual" | "upgradeAtPowerCycle"> | undefined;
}

/** The virtual hardware of an existing machine can only become newer. */
const newerOnly: CostOf = ({ old, wanted }) =>
  typeof old === "number" && typeof wanted === "number" && wanted < old ? "replace" : "powerCycle";

/**
 * Check, cost and preview of each setting.
 * @internal
 */
export const hardware = {
  numCpus: { check: v.optional(wholeNumber(1, 768, "")), told: "value" },
  numCoresPerSocket: { check: v.optional(wholeNumber(1, 768, "")), told: "value" },
  memory: {
    check: v.optional(
      v.pipe(
        wholeNumber(4, 25_165_824, "MB"),
        v.check(
          (value) => value % 4 === 0,
          "must be a multiple of 4 MB, otherwise the host does not power the VM on",
        ),
      ),
    ),
    told: "value",
  },
  annotation: { check: v.optional(text), told: "name" },
  guestId: {
    check: v.optional(
      v.pipe(
        text,
        v.check(
          (id) => GUEST_IDS.includes(id),
          (issue) => unknownGuest(issue.input),
        ),
      ),
    ),
    told: "value",
  },
  hardwareVersion: {
    check: v.optional(
      v.pipe(
        v.number("must be a number, such as 19"),
        v.check(
          (version) => HARDWARE_VERSIONS.includes(version),
          `must be a version that ESXi runs: ${HARDWARE_VERSIONS.join(", ")}`,
        ),
      ),
    ),
    cost: newerOnly,
    told: "value",
  },
  cpuHotAddEnabled: { check: v.optional(yesOrNo), told: "value" },
  cpuHotRemoveEnabled: { check: v.optional(yesOrNo), told: "value" },
  memoryHotAddEnabled: { check: v.optional(yesOrNo), told: "value" },
  nestedHvEnabled: { check: v.optional(yesOrNo), told: "value" },
  vvtdEnabled: { check: v.optional(yesOrNo), told: "value" },
  vbsEnabled: { check: v.optional(yesOrNo), told: "value" },
  videoMemory: { check: v.optional(wholeNumber(2, 256, "MB")), told: "value" },
  enableDiskUuid: { check: v.optional(yesOrNo), told: "value" },
  enableLogging: { check: v.optional(yesOrNo), told: "value" },
  syncTimeWithHost: { check: v.optional(yesOrNo), told: "value" },
  toolsUpgradePolicy: { check: v.optional(oneOf(["manual", "upgradeAtPowerCycle"])), told: "value" },
} satisfies Theme<HardwareArgs>;

/** The oldest virtual hardware that has a feature. */
const SINCE: readonly (readonly [setting: string, version: number])[] = [
  ["cpuHotAddEnabled", 7],
  ["cpuHotRemoveEnabled", 7],
  ["memoryHotAddEnabled", 7],
  ["nestedHvEnabled", 9],
  ["efiSecureBootEnabled", 13],
  ["vvtdEnabled", 14],
  ["vbsEnabled", 14],
];

/** The settings that virtualisation-based security needs. */
const NEEDED_BY_VBS: readonly (readonly [setting: string, value: unknown])[] = [
  ["firmware", "efi"],
  ["efiSecureBootEnabled", true],
  ["nestedHvEnabled", true],
  ["vvtdEnabled", true],
];

/**
 * Combinations with other settings that are not valid.
 * @internal
 */
export function hardwareRules(inputs: Properties): CheckFailure[] {
  const { hardwareVersion, vbsEnabled } = inputs;
  const failures: CheckFailure[] = [];
  for (const [property, since] of SINCE) {
    if (inputs[property] === true && typeof hardwareVersion === "number" && hardwareVersion < since) {
      failures.push({
        property,
        reason: `needs hardwareVersion ${since} or newer, and here it is ${hardwareVersion}`,
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
  return [...sizeRules(inputs), ...failures];
}

function sizeRules({ numCpus, numCoresPerSocket }: Properties): CheckFailure[] {
  if (typeof numCpus !== "number" || typeof numCoresPerSocket !== "number") return [];
  if (numCpus % numCoresPerSocket === 0) return [];
  return [{ property: "numCoresPerSocket", reason: `must divide numCpus, which is ${numCpus}` }];
}

function unknownGuest(id: string): string {
  // People know the names in .vmx files too, and forget the ending.
  const meant =
    GUEST_IDS.find((known) => vmxGuestOs(known) === id.toLowerCase()) ??
    nearestName(`${id}Guest`, GUEST_IDS) ??
    nearestName(id, GUEST_IDS);
  return meant === undefined
    ? 'is no guest that vSphere knows. For all others use "otherLinux64Guest" or "otherGuest64"'
    : `is no guest that vSphere knows; did you mean ${JSON.stringify(meant)}?`;
}
