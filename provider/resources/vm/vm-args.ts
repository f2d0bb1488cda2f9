import type { AllocationArgs } from "./settings/allocation.ts";
import type { StartSettings } from "./settings/auto-start.ts";
import type { BootArgs } from "./settings/boot.ts";
import type { DiskSettings } from "./settings/disks.ts";
import type { GuestArgs } from "./settings/guest.ts";
import type { HardwareArgs } from "./settings/hardware.ts";
import type { MachineArgs } from "./settings/machine.ts";
import type { AdapterSettings } from "./settings/network-interfaces.ts";
import type { MediaSettings } from "./settings/removable-media.ts";
import type { PortSettings } from "./settings/serial-ports.ts";

/** Settings that every virtual machine of this package has. */
export interface VmArgs
  extends MachineArgs,
    HardwareArgs,
    AllocationArgs,
    BootArgs,
    GuestArgs,
    DiskSettings,
    MediaSettings,
    AdapterSettings,
    PortSettings,
    StartSettings {}
