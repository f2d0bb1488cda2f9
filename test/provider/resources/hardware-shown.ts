/** How the raw host shows hardware, boot and allocation settings. */
import type { VirtualMachineConfigInfo, VirtualMachineVideoCard } from "../../../schema/index.ts";

type Config = VirtualMachineConfigInfo;

const KINDS = { Disk: "disk", Cdrom: "cdrom", Ethernet: "ethernet", Floppy: "floppy" } as const;

/** What the raw host says, in the words of the settings. */
export const HARDWARE_SHOWN = {
  cpuHotAddEnabled: (config: Config) => config.cpuHotAddEnabled,
  cpuHotRemoveEnabled: (config: Config) => config.cpuHotRemoveEnabled,
  memoryHotAddEnabled: (config: Config) => config.memoryHotAddEnabled,
  nestedHvEnabled: (config: Config) => config.nestedHVEnabled,
  cpuLimit: (config: Config) => config.cpuAllocation?.limit,
  cpuReservation: (config: Config) => config.cpuAllocation?.reservation,
  cpuShareLevel: (config: Config) => config.cpuAllocation?.shares?.level,
  cpuShareCount: (config: Config) => config.cpuAllocation?.shares?.shares,
  memoryLimit: (config: Config) => config.memoryAllocation?.limit,
  memoryReservation: (config: Config) => config.memoryAllocation?.reservation,
  memoryShareLevel: (config: Config) => config.memoryAllocation?.shares?.level,
  memoryShareCount: (config: Config) => config.memoryAllocation?.shares?.shares,
  firmware: (config: Config) => config.firmware,
  efiSecureBootEnabled: (config: Config) => config.bootOptions?.efiSecureBootEnabled,
  bootDelay: (config: Config) => config.bootOptions?.bootDelay,
  bootRetryEnabled: (config: Config) => config.bootOptions?.bootRetryEnabled,
  bootRetryDelay: (config: Config) => config.bootOptions?.bootRetryDelay,
  bootOrder: ({ bootOptions }: Config) =>
    (bootOptions?.bootOrder ?? []).map(
      ({ $type = "" }) => KINDS[/Bootable(\w+)Device$/.exec($type)?.[1] as keyof typeof KINDS],
    ),
  guestId: (config: Config) => config.guestId,
  hardwareVersion: (config: Config) => Number(config.version.replace("vmx-", "")),
  videoMemory: ({ hardware }: Config) => {
    const card: VirtualMachineVideoCard | undefined = hardware.device?.find(
      ({ $type }) => $type === "VirtualMachineVideoCard",
    );
    return (card?.videoRamSizeInKB ?? 0) / 1024;
  },
  enableDiskUuid: (config: Config) => config.flags.diskUuidEnabled,
  enableLogging: (config: Config) => config.flags.enableLogging,
  syncTimeWithHost: (config: Config) => config.tools?.syncTimeWithHost,
  toolsUpgradePolicy: (config: Config) => config.tools?.toolsUpgradePolicy,
  vvtdEnabled: (config: Config) => config.flags.vvtdEnabled,
  vbsEnabled: (config: Config) => config.flags.vbsEnabled,
} as const;
