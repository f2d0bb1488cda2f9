import type * as pulumi from "@pulumi/pulumi";

/** How much of a contended resource a virtual machine gets, beside others. */
export type ShareLevel = "low" | "normal" | "high" | "custom";

/** What a virtual machine is allowed and guaranteed of its host's CPU and memory. All of it changes in place. */
export interface AllocationArgs {
  /** The most CPU that the VM may use, all its CPUs together, in MHz, 1–10000000; -1 for no limit. Default: as it is. */
  cpuLimit?: pulumi.Input<number> | undefined;
  /**
   * CPU that the host keeps for the VM, in MHz, 0–10000000. A host that cannot keep so much does not power the VM on.
   * Must not exceed `cpuLimit`. Default: as it is, for a new VM 0.
   */
  cpuReservation?: pulumi.Input<number> | undefined;
  /**
   * The VM's part when CPU is short: `low` (500 shares for each virtual CPU), `normal` (1000), `high` (2000), or `custom`
   * with `cpuShareCount`. Default: as it is, for a new VM `normal`.
   */
  cpuShareLevel?: pulumi.Input<ShareLevel> | undefined;
  /** Shares of CPU, 1–1000000, of all VMs together. Goes with `cpuShareLevel: "custom"`, which needs it. */
  cpuShareCount?: pulumi.Input<number> | undefined;
  /** The most of the host's memory that the VM may use, in MB, 1–25165824; -1 for no limit. Default: as it is. */
  memoryLimit?: pulumi.Input<number> | undefined;
  /**
   * Memory that the host keeps for the VM, in MB, 0–25165824. Must not exceed `memoryLimit` or `memory`. Default: as it
   * is, for a new VM 0.
   */
  memoryReservation?: pulumi.Input<number> | undefined;
  /**
   * The VM's part when memory is short: `low` (5 shares for each MB), `normal` (10), `high` (20), or `custom` with
   * `memoryShareCount`. Default: as it is, for a new VM `normal`.
   */
  memoryShareLevel?: pulumi.Input<ShareLevel> | undefined;
  /** Shares of memory, 1–1000000, of all VMs together. Goes with `memoryShareLevel: "custom"`, which needs it. */
  memoryShareCount?: pulumi.Input<number> | undefined;
}
