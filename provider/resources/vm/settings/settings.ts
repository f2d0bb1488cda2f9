import type { VmArgs } from "../vm-args.ts";
import { allocation } from "./allocation.ts";
import { autoStart } from "./auto-start.ts";
import { boot } from "./boot.ts";
import { disks } from "./disks.ts";
import { guest } from "./guest.ts";
import { hardware } from "./hardware.ts";
import { machine } from "./machine.ts";
import { networkInterfaces } from "./network-interfaces.ts";
import { removableMedia } from "./removable-media.ts";
import { serialPorts } from "./serial-ports.ts";
import { checksOf, type Theme } from "./setting.ts";

/** All settings of every virtual machine, theme by theme. Previews show changes in this order. */
export const VM_SETTINGS = {
  ...allocation,
  ...hardware,
  ...boot,
  ...guest,
  ...autoStart,
  ...disks,
  ...removableMedia,
  ...networkInterfaces,
  ...serialPorts,
  ...machine,
} satisfies Theme<VmArgs>;

/** The checks of these settings. The three VM resources add their own. */
export const vmEntries = checksOf(VM_SETTINGS);
