import type * as pulumi from "@pulumi/pulumi";

/**
 * What a virtual machine's hardware is like, its size and devices aside. Changed with one power cycle unless something
 * else is said.
 */
export interface HardwareArgs {
  /**
   * The guest operating system, by vSphere's id: `ubuntu64Guest`, `debian12_64Guest`, `windows2019srv_64Guest`,
   * `otherLinux64Guest`, `otherGuest64`, … The host chooses defaults by it. Default: as it is, for a new VM `otherGuest64`.
   * A guest without a driver for a device of the VM causes a warning.
   *
   * @see https://developer.broadcom.com/xapis/vsphere-web-services-api/latest/vim.vm.GuestOsDescriptor.GuestOsIdentifier.html
   */
  guestId?: pulumi.Input<string> | undefined;
  /**
   * Version of the virtual hardware, 4–22; ESXi 6.5 runs up to 13, 6.7 up to 14 (Update 2: 15), 7.0 up to 17 (Update 1: 18,
   * Update 2: 19), 8.0 up to 20 (Update 2: 21), 9.0 up to 22. Default: as it is, for a new VM the newest that the host runs.
   * A newer one comes with one power cycle, and there is no way back: an older one replaces the VM.
   */
  hardwareVersion?: pulumi.Input<number> | undefined;
  /** Whether CPUs can be added while the VM runs. Default: as it is, for a new VM false. */
  cpuHotAddEnabled?: pulumi.Input<boolean> | undefined;
  /** Whether CPUs can be taken away while the VM runs; few guests can. Default: as it is, for a new VM false. */
  cpuHotRemoveEnabled?: pulumi.Input<boolean> | undefined;
  /** Whether memory can be added while the VM runs. Default: as it is, for a new VM false. */
  memoryHotAddEnabled?: pulumi.Input<boolean> | undefined;
  /**
   * Whether the guest finds the CPU's virtualisation and can run VMs itself. Needs virtual hardware 9. Default: as it is,
   * for a new VM false.
   */
  nestedHvEnabled?: pulumi.Input<boolean> | undefined;
  /** Whether the guest finds an IOMMU. Needs virtual hardware 14. Default: as it is, for a new VM false. */
  vvtdEnabled?: pulumi.Input<boolean> | undefined;
  /**
   * Whether Windows can use virtualisation-based security. Needs virtual hardware 14, `firmware: "efi"` and
   * `efiSecureBootEnabled`, `nestedHvEnabled` and `vvtdEnabled`. Default: as it is, for a new VM false.
   */
  vbsEnabled?: pulumi.Input<boolean> | undefined;
  /** Memory of the video card, in MB, 2–256. Default: as it is, for a new VM what the host thinks fit for the guest. */
  videoMemory?: pulumi.Input<number> | undefined;
  /** Whether the guest sees the UUIDs of its disks. Default: as it is, for a new VM false. */
  enableDiskUuid?: pulumi.Input<boolean> | undefined;
  /** Whether the host writes `vmware.log` into the VM's folder. Default: as it is, for a new VM true. */
  enableLogging?: pulumi.Input<boolean> | undefined;
  /**
   * Whether VMware Tools keep the guest's clock at the host's all the time. Default: as it is, for a new VM false. Changed
   * in place.
   */
  syncTimeWithHost?: pulumi.Input<boolean> | undefined;
  /**
   * Whether the host brings VMware Tools up to date by itself at power-on (`upgradeAtPowerCycle`), or never (`manual`).
   * Default: as it is, for a new VM `manual`. Changed in place.
   */
  toolsUpgradePolicy?: pulumi.Input<"manual" | "upgradeAtPowerCycle"> | undefined;
}
