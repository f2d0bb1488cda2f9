import { newBiosUuid, newInstanceUuid } from "./new-uuid.ts";
import { addBridges } from "./pci-bridges.ts";
import { parseVmx, type Vmx } from "./vmx.ts";

export interface NewVmx {
  /** The name that people see, as the host spells it. */
  readonly displayName: string;
  /** File name of the NVRAM, which the host makes at the first power-on if it is not there. */
  readonly nvram: string;
  /** `21` of `vmx-21`. */
  readonly hardwareVersion: number;
  /** As these files call the guest: `ubuntu-64`. */
  readonly guestOs: string;
}

/** The first virtual hardware with PCI bridges, and with a VMCI device. */
const MODERN = 7;

/**
 * The .vmx file of a machine that does not exist yet: what every machine has that a host makes itself, with an identity
 * of its own, and no devices. A host registers much less; it does not start that, or gives it no instance UUID.
 *
 * What the machine is to be like is written into it with `applyToVmx` and `changeVmx` (`host/vm/vmx/write-vmx.ts`).
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
  // Who says nothing of a floppy drive gets one.
  vmx.set("floppy0.present", "FALSE");
  if (hardwareVersion >= MODERN) {
    vmx.set("vmci0.present", "TRUE");
    addBridges(vmx);
  }
  return vmx;
}
