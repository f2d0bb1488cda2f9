import type { VirtualMachineFlagInfo } from "../../../../schema/index.ts";
import type { Facet } from "./facet.ts";
import { scalarFacet } from "./scalar-facet.ts";

/** Whether the guest sees the UUIDs of its disks. */
export const enableDiskUuid = flag("diskUuidEnabled", false);
/** Whether the host writes `vmware.log` into the machine's folder. */
export const enableLogging = flag("enableLogging", true);
/** Whether the guest finds an IOMMU. */
export const vvtdEnabled = flag("vvtdEnabled", false);
/** Whether Windows can use virtualisation-based security. */
export const vbsEnabled = flag("vbsEnabled", false);

/** Whether Tools keep the guest's clock at the host's, all the time. */
export const syncTimeWithHost = scalarFacet<boolean>({
  read: (vm) => vm.config.tools?.syncTimeWithHost ?? false,
  write: (syncTimeWithHost) => ({ tools: { syncTimeWithHost } }),
});

/** Whether the host brings Tools up to date by itself when the machine is powered on. */
export const toolsUpgradePolicy = scalarFacet<"manual" | "upgradeAtPowerCycle">({
  read: (vm) =>
    vm.config.tools?.toolsUpgradePolicy === "upgradeAtPowerCycle" ? "upgradeAtPowerCycle" : "manual",
  write: (toolsUpgradePolicy) => ({ tools: { toolsUpgradePolicy } }),
});

function flag(
  name: "diskUuidEnabled" | "enableLogging" | "vvtdEnabled" | "vbsEnabled",
  byItself: boolean,
): Facet<boolean> {
  return scalarFacet<boolean>({
    read: ({ config: { flags = {} } }) => flags[name] ?? byItself,
    write: (value) => ({ flags: { [name]: value } satisfies VirtualMachineFlagInfo }),
    needsOff: () => true,
  });
}
