import type {
  OptionValue,
  VirtualMachineConfigInfo,
  VirtualMachineConfigSpec,
} from "../../../schema/index.ts";
import { isGuestKey, isIdentityKey } from "../../vmx/identity-keys.ts";
import { type DatastorePath, formatDatastorePath } from "../datastore/datastore-path.ts";
import { encodeVmName } from "../vm/reading/vm-name.ts";
import type { ConfigWishes } from "../vm/settings/facets.ts";
import { mergeSpecs } from "../vm/settings/merge-specs.ts";
import { specOfNew } from "../vm/settings/wishes.ts";
import type { CloneSource } from "./clone-source.ts";

/** Advanced settings that the host writes itself, or that say what belongs to this package's own machine. */
const HOSTS_OWN =
  /^(nvram|pulumi-esxi-direct\.|vmware\.tools\.|toolsinstallmanager\.|monitor\.phys_bits_used|softpoweroff|cleanshutdown|numa\.autosize|sched\.|.*\.pcislotnumber|.*\.present$|pcibridge\d)/i;

/**
 * The configuration of a copy, without devices: made like the source, with an identity that the host gives it.
 * @param settings What is to be different; its `extraConfig` holds the owner mark.
 */
export function configOfCopy(
  source: CloneSource,
  name: string,
  place: DatastorePath,
  settings: ConfigWishes,
): VirtualMachineConfigSpec {
  const { config } = source;
  const { flags, bootOptions, tools, defaultPowerOps: power } = config;
  const copied: VirtualMachineConfigSpec = {
    name: encodeVmName(name),
    version: config.version,
    guestId: config.guestId,
    annotation: config.annotation,
    files: { vmPathName: formatDatastorePath(place) },
    tools:
      tools &&
      pick(tools, [
        "afterPowerOn",
        "afterResume",
        "beforeGuestStandby",
        "beforeGuestShutdown",
        "toolsUpgradePolicy",
        "syncTimeWithHost",
      ]),
    flags:
      flags &&
      pick(flags, [
        "enableLogging",
        "virtualMmuUsage",
        "virtualExecUsage",
        "diskUuidEnabled",
        "vbsEnabled",
        "vvtdEnabled",
      ]),
    powerOpInfo: power && pick(power, ["powerOffType", "suspendType", "resetType", "standbyAction"]),
    numCPUs: config.hardware.numCPU,
    numCoresPerSocket: config.hardware.numCoresPerSocket,
    memoryMB: config.hardware.memoryMB,
    memoryHotAddEnabled: config.memoryHotAddEnabled,
    cpuHotAddEnabled: config.cpuHotAddEnabled,
    cpuHotRemoveEnabled: config.cpuHotRemoveEnabled,
    // What else there is to an allocation a host refuses to be told.
    cpuAllocation: config.cpuAllocation && pick(config.cpuAllocation, ["reservation", "limit", "shares"]),
    memoryAllocation:
      config.memoryAllocation && pick(config.memoryAllocation, ["reservation", "limit", "shares"]),
    extraConfig: extraConfigOf(config),
    bootOptions:
      bootOptions &&
      pick(bootOptions, [
        "bootDelay",
        "enterBIOSSetup",
        "efiSecureBootEnabled",
        "bootRetryEnabled",
        "bootRetryDelay",
      ]),
    firmware: config.firmware,
    nestedHVEnabled: config.nestedHVEnabled,
    vPMCEnabled: config.vPMCEnabled,
  };
  return mergeSpecs([copied, specOfNew(settings)]);
}

/** The source's advanced settings, less its identity and what its guest was told. */
function extraConfigOf(config: VirtualMachineConfigInfo): OptionValue[] {
  return (config.extraConfig ?? []).filter(
    ({ key }) => !isIdentityKey(key) && !isGuestKey(key) && !HOSTS_OWN.test(key),
  );
}

function pick<T extends object, K extends keyof T>(object: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(
    keys.flatMap((key) => (object[key] === undefined ? [] : [[key, object[key]]])),
  ) as Pick<T, K>;
}
