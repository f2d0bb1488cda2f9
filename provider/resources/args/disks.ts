import type * as pulumi from "@pulumi/pulumi";

/** A disk of a virtual machine. */
export interface DiskArgs {
  /**
   * Which disk is meant. Default: `disk0`, `disk1`, … by position; give labels as soon as you take entries out, for a
   * list in which it is not clear which disk is gone is refused. The disks that a VM has from its OVA or its source
   * are `disk0`, `disk1`, … in the machine's order. Another label is another disk: the old one goes, a new one is made.
   */
  label?: pulumi.Input<string> | undefined;
  /**
   * In GB; fractions count in whole megabytes, from 1 MB to 62 TB. Needed for a new disk. Growing is done in place, on
   * IDE with one power cycle; the guest's file system is the guest's business. A smaller size is refused, and so is
   * growing a disk with snapshots or of a linked clone.
   */
  size?: pulumi.Input<number> | undefined;
  /** `thin`, `thick` or `eagerZeroedThick`. Default of a new disk `thin`. Cannot be changed. */
  provisioning?: pulumi.Input<"thin" | "thick" | "eagerZeroedThick"> | undefined;
  /** Name of the datastore for a new disk. Default: the VM's own. Cannot be changed. */
  datastore?: pulumi.Input<string> | undefined;
  /**
   * Path of a disk that exists, `[datastore1] data/shared.vmdk`, instead of a size. It is never made, grown or deleted:
   * without its entry, and when the VM is deleted, it is detached.
   */
  attach?: pulumi.Input<string> | undefined;
  /**
   * `pvscsi`, `lsilogic`, `lsilogic-sas`, `buslogic`, `sata`, `nvme` or `ide`. Default of a new disk: as the VM's first
   * disk has it, else `pvscsi`. Controllers are added as they are needed. Changed with one power cycle.
   */
  controller?:
    | pulumi.Input<"pvscsi" | "lsilogic" | "lsilogic-sas" | "buslogic" | "sata" | "nvme" | "ide">
    | undefined;
  /** Number of the controller of that kind, 0–3 (IDE 0–1). Default: one with room. Changed with one power cycle. */
  busNumber?: pulumi.Input<number> | undefined;
  /**
   * Place on the controller: SCSI 0–15 without 7, SATA 0–29, NVMe 0–14, IDE 0–1. Default: the first that is free.
   * Changed with one power cycle.
   */
  unitNumber?: pulumi.Input<number> | undefined;
  /**
   * `persistent`, `independent_persistent` (not part of snapshots) or `independent_nonpersistent` (forgets everything
   * at power-off). Default `persistent`. Changed with one power cycle.
   */
  mode?: pulumi.Input<"persistent" | "independent_persistent" | "independent_nonpersistent"> | undefined;
  /**
   * Whether the disk's files stay on the datastore when its entry or the VM goes. Default false. Changed in place; it has
   * an effect only if it was set before the entry was taken out.
   */
  keepOnRemove?: pulumi.Input<boolean> | undefined;
}
