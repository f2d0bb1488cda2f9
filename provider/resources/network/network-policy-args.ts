import type * as pulumi from "@pulumi/pulumi";

/** How uplinks are shared out among VMs. */
export type TeamingPolicy =
  | "loadbalance_ip"
  | "loadbalance_srcmac"
  | "loadbalance_srcid"
  | "failover_explicit";

/**
 * Security, teaming and shaping, of a vSwitch and, where they differ from it, of its port groups. All change in place.
 * Hosts take the three values of security together: of a port group that names one of them, the others are sent as its
 * vSwitch has them.
 */
export interface NetworkPolicyArgs {
  /** Whether a VM may see the traffic of all others. */
  allowPromiscuous?: pulumi.Input<boolean> | undefined;
  /** Whether a guest may receive on another MAC address than its adapter's. Nested hypervisors need it. */
  allowMacChanges?: pulumi.Input<boolean> | undefined;
  /** Whether a guest may send with another MAC address than its adapter's. Nested hypervisors need it. */
  allowForgedTransmits?: pulumi.Input<boolean> | undefined;
  /**
   * How uplinks are shared out: by source port (`loadbalance_srcid`), by source MAC (`loadbalance_srcmac`), by a hash of
   * the addresses (`loadbalance_ip`), or the first active one that works (`failover_explicit`).
   */
  teamingPolicy?: pulumi.Input<TeamingPolicy> | undefined;
  /**
   * Uplinks that carry traffic, in the order of preference. Each must be one of the vSwitch's network adapters.
   * For example `["vmnic1"]`.
   */
  activeNics?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Uplinks that take over when active ones fail, in the order of preference. For example `["vmnic2"]`. */
  standbyNics?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Whether physical switches are told of a failover. */
  notifySwitches?: pulumi.Input<boolean> | undefined;
  /** Whether an uplink that works again takes its traffic back. */
  failback?: pulumi.Input<boolean> | undefined;
  /** Whether dead uplinks are found by beacons too, not by the link's state alone. */
  checkBeacon?: pulumi.Input<boolean> | undefined;
  /** Whether what VMs send is limited, by the three figures below, which are then needed. */
  shapingEnabled?: pulumi.Input<boolean> | undefined;
  /** Bits per second on average. */
  shapingAverageBandwidth?: pulumi.Input<number> | undefined;
  /** Bits per second at most, during bursts; at least the average. */
  shapingPeakBandwidth?: pulumi.Input<number> | undefined;
  /** Bytes that a burst may have. */
  shapingBurstSize?: pulumi.Input<number> | undefined;
}
