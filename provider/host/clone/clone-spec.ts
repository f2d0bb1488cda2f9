import type { VirtualMachineConfigSpec } from "../../../schema/index.ts";
import { type DatastorePath, formatDatastorePath } from "../datastore/datastore-path.ts";
import { encodeVmName } from "../vm/reading/vm-name.ts";
import { mergeSpecs } from "../vm/settings/merge-specs.ts";
import type { ConfigWishes } from "../vm/settings/settings.ts";
import { specOfCopy, specOfNew } from "../vm/settings/wishes.ts";
import type { CloneSource } from "./clone-source.ts";

/**
 * The configuration of a copy, without devices. It is like the source's, but the host gives it a new identity.
 * @param settings The settings that differ. Their `extraConfig` holds the owner mark.
 */
export function configOfCopy(
  source: CloneSource,
  name: string,
  place: DatastorePath,
  settings: ConfigWishes,
): VirtualMachineConfigSpec {
  const { config } = source;
  const { flags, bootOptions, tools, defaultPowerOps: power } = config;
  const withoutSetting: VirtualMachineConfigSpec = {
    name: encodeVmName(name),
    files: { vmPathName: formatDatastorePath(place) },
    tools: tools && pick(tools, ["afterPowerOn", "afterResume", "beforeGuestStandby", "beforeGuestShutdown"]),
    flags: flags && pick(flags, ["virtualMmuUsage", "virtualExecUsage"]),
    powerOpInfo: power && pick(power, ["powerOffType", "suspendType", "resetType", "standbyAction"]),
    bootOptions: bootOptions && pick(bootOptions, ["enterBIOSSetup"]),
    vPMCEnabled: config.vPMCEnabled,
  };
  return mergeSpecs([withoutSetting, specOfCopy(config), specOfNew(settings)]);
}

function pick<T extends object, K extends keyof T>(object: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(
    keys.flatMap((key) => (object[key] === undefined ? [] : [[key, object[key]]])),
  ) as Pick<T, K>;
}
