import { newBiosUuid, newInstanceUuid } from "./new-uuid.ts";
import { addBridges } from "./pci-bridges.ts";
import { parseVmx, type Vmx } from "./vmx.ts";

export interface NewVmx {
  /** The name that people see, as the host spells it. */
  readonly displayName: string;
  /** File name of the NVRAM. The host makes the file at the first power-on if it is not there. */
  readonly nvram: string;
  /** `21` of `vmx-21`. */
  readonly hardwareVersion: number;
  /** The guest's name in these files: `ubuntu-64`. */
  readonly guestOs: string;
}

/** The first virtual hardware with PCI bridges, and with a VMCI device. */
const MODERN = 7;

/**
 * The .vmx file of a new machine. It has the parts that a host writes for every machine, and its own identity, but no
 * devices. A host also registers a file with much less, but then does not start the machine, or gives it no instance
 * UUID.
 *
 * `applyToVmx` and `changeVmx` (`host/vm/vmx/write-vmx.ts`) write the desired settings into it.
 */
export function newVmx({ displayName, nvram, hardwareVersion, guestOs }: NewVmx): Vmx {
  const vmx = parseVmx(new Uint8Array());
  vmx.set(".encoding", "UTF-8");
  vmx.set("config.version", "8");
  vmx.set("virtualHW.version", String(hardwareVersion));
  vmx.set("displayName", displayName);
  vmx.set("guestOS", guestOs);
  vmx.set("nvram", nvram);
  vmx.set("uuid.bios", newBiosUuid());
  vmx.set("vc.uuid", newInstanceUuid());
  vmx.set("hpet0.present", "TRUE");
  vmx.set("svga.present", "TRUE");
  // If the file says nothing about a floppy drive, the machine gets one.
  vmx.set("floppy0.present", "FALSE");
  if (hardwareVersion >= MODERN) {
    vmx.set("vmci0.present", "TRUE");
    addBridges(vmx);
  }
  return vmx;
}
