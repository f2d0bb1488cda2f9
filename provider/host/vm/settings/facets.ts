import { adapterNetworks } from "./adapter-networks.ts";
import { cpuAllocation, memoryAllocation } from "./allocation.ts";
import { annotation } from "./annotation.ts";
import { bootDelay, bootRetryDelay, bootRetryEnabled, efiSecureBootEnabled, firmware } from "./boot.ts";
import { bootOrder } from "./boot-order.ts";
import { cdroms } from "./cdroms.ts";
import {
  cpuHotAddEnabled,
  cpuHotRemoveEnabled,
  memoryHotAddEnabled,
  nestedHvEnabled,
} from "./cpu-features.ts";
import { disks } from "./disks.ts";
import { environmentDrive } from "./environment-drive.ts";
import { extraConfig } from "./extra-config.ts";
import type { Facet } from "./facet.ts";
import {
  enableDiskUuid,
  enableLogging,
  syncTimeWithHost,
  toolsUpgradePolicy,
  vbsEnabled,
  vvtdEnabled,
} from "./flags.ts";
import { floppy } from "./floppy.ts";
import { guestId, hardwareVersion } from "./guest.ts";
import { networkInterfaces } from "./network-interfaces.ts";
import { serialPorts } from "./serial-ports.ts";
import { memory, numCoresPerSocket, numCpus } from "./size.ts";
import { videoMemory } from "./video.ts";

/** Facets that can be told of a machine that does not exist yet. */
export const CONFIG_FACETS = {
  numCpus,
  numCoresPerSocket,
  memory,
  annotation,
  cpuHotAddEnabled,
  cpuHotRemoveEnabled,
  memoryHotAddEnabled,
  nestedHvEnabled,
  cpuLimit: cpuAllocation.limit,
  cpuReservation: cpuAllocation.reservation,
  cpuShareLevel: cpuAllocation.shareLevel,
  cpuShareCount: cpuAllocation.shareCount,
  memoryLimit: memoryAllocation.limit,
  memoryReservation: memoryAllocation.reservation,
  memoryShareLevel: memoryAllocation.shareLevel,
  memoryShareCount: memoryAllocation.shareCount,
  firmware,
  efiSecureBootEnabled,
  bootDelay,
  bootRetryEnabled,
  bootRetryDelay,
  guestId,
  hardwareVersion,
  enableDiskUuid,
  enableLogging,
  syncTimeWithHost,
  toolsUpgradePolicy,
  vvtdEnabled,
  vbsEnabled,
  extraConfig,
};

/** Facets that build on the devices which the machine has. */
export const DEVICE_FACETS = {
  disks,
  cdroms,
  environmentDrive,
  floppy,
  networkInterfaces,
  adapterNetworks,
  serialPorts,
  bootOrder,
  videoMemory,
};

type Wishes<Facets> = {
  readonly [K in keyof Facets]?: (Facets[K] extends Facet<infer Wish> ? Wish : never) | undefined;
};

/** What of a machine that does not exist yet is to differ from what it is made from. */
export type ConfigWishes = Wishes<typeof CONFIG_FACETS>;

/** What a machine is to be like; what is left out stays as it is. */
export type VmWishes = ConfigWishes & Wishes<typeof DEVICE_FACETS>;
