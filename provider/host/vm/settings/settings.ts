import { adapterNetworks } from "./adapter-networks.ts";
import { allocations } from "./allocation.ts";
import { boot } from "./boot.ts";
import { disks } from "./disks.ts";
import { guest } from "./guest.ts";
import { hardware } from "./hardware.ts";
import { networkInterfaces } from "./network-interfaces.ts";
import { removableMedia } from "./removable-media.ts";
import { serialPorts } from "./serial-ports.ts";
import type { HostSetting } from "./setting.ts";

/**
 * All settings of a machine, theme by theme. Settings of devices are planned in this order. The boot order comes last,
 * because it names devices.
 */
export const HOST_SETTINGS = {
  ...hardware,
  ...allocations,
  ...guest,
  disks,
  ...removableMedia,
  networkInterfaces,
  adapterNetworks,
  serialPorts,
  ...boot,
};

type Settings = typeof HOST_SETTINGS;
type WishOf<Setting> = Setting extends HostSetting<infer Wish> ? Wish : never;

/** The desired settings of a machine. What is left out stays as it is. */
export type VmWishes = { readonly [Name in keyof Settings]?: WishOf<Settings[Name]> | undefined };

type OfConfiguration = {
  [Name in keyof Settings]: Settings[Name]["stage"] extends "configuration" ? Name : never;
}[keyof Settings];

/** The settings that a new machine can get in the call that makes it. */
export type ConfigWishes = Pick<VmWishes, OfConfiguration>;
