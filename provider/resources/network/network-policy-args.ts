import type * as pulumi from "@pulumi/pulumi";

/** How VMs are distributed to uplinks. */
export type TeamingPolicy =
  | "loadbalance_ip"
  | "loadbalance_srcmac"
  | "loadbalance_srcid"
  | "failover_explicit";

/**
 * Security, teaming and shaping of a vSwitch, and of its port groups if they differ from it. All settings change in
 * place. Hosts take the three security settings together. If a port group names one of them, the vSwitch's values are
 * sent for the others.
 */
export interface NetworkPolicyArgs {
  /** Whether a VM may see the traffic of all other VMs. */
  allowPromiscuous?: pulumi.Input<boolean> | undefined;
  /** Whether a guest may receive on another MAC address than its adapter's. Nested hypervisors need it. */
  allowMacChanges?: pulumi.Input<boolean> | undefined;
  /** Whether a guest may send with another MAC address than its adapter's. Nested hypervisors need it. */
  allowForgedTransmits?: pulumi.Input<boolean> | undefined;
  /**
   * How VMs are distributed to uplinks: by source port (`loadbalance_srcid`), by source MAC (`loadbalance_srcmac`), by
   * a hash of the addresses (`loadbalance_ip`), or always the first active one that works (`failover_explicit`).
   */
  teamingPolicy?: pulumi.Input<TeamingPolicy> | undefined;
  /**
   * Uplinks that carry traffic, in the order of preference. Each must be one of the vSwitch's network adapters.
   * For example `["vmnic1"]`.
   */
  activeNics?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Uplinks that take over when active ones fail, in the order of preference. For example `["vmnic2"]`. */
  standbyNics?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Whether physical switches are notified of a failover. */
  notifySwitches?: pulumi.Input<boolean> | undefined;
  /** Whether an uplink that works again takes its traffic back. */
  failback?: pulumi.Input<boolean> | undefined;
  /** Whether dead uplinks are also found by beacons, and not only by the state of the link. */
  checkBeacon?: pulumi.Input<boolean> | undefined;
  /** Whether the traffic that VMs send is limited, by the three numbers below. They are required then. */
  shapingEnabled?: pulumi.Input<boolean> | undefined;
  /** Bits per second on average. */
  shapingAverageBandwidth?: pulumi.Input<number> | undefined;
  /** The most bits per second during bursts. Not less than the average. */
  shapingPeakBandwidth?: pulumi.Input<number> | undefined;
  /** The largest size of a burst in bytes. */
  shapingBurstSize?: pulumi.Input<number> | undefined;
}
