import type { HostNetworkPolicy } from "../../schema/index.ts";

/** Security, teaming and shaping of a vSwitch or port group; what is left out is the host's or the vSwitch's own. */
export interface NetworkPolicy {
  readonly allowPromiscuous?: boolean | undefined;
  readonly allowMacChanges?: boolean | undefined;
  readonly allowForgedTransmits?: boolean | undefined;
  readonly teamingPolicy?: string | undefined;
  readonly activeNics?: readonly string[] | undefined;
  readonly standbyNics?: readonly string[] | undefined;
  readonly notifySwitches?: boolean | undefined;
  readonly failback?: boolean | undefined;
  readonly checkBeacon?: boolean | undefined;
  readonly shapingEnabled?: boolean | undefined;
  /** Bits per second, as the peak. */
  readonly shapingAverageBandwidth?: number | undefined;
  readonly shapingPeakBandwidth?: number | undefined;
  /** Bytes. */
  readonly shapingBurstSize?: number | undefined;
}

/** A policy in the host's words. */
export function policySpec(policy: NetworkPolicy): HostNetworkPolicy {
  const { activeNics, standbyNics, failback, checkBeacon } = policy;
  const order = activeNics !== undefined || standbyNics !== undefined;
  return {
    security: {
      allowPromiscuous: policy.allowPromiscuous,
      macChanges: policy.allowMacChanges,
      forgedTransmits: policy.allowForgedTransmits,
    },
    nicTeaming: {
      policy: policy.teamingPolicy,
      notifySwitches: policy.notifySwitches,
      rollingOrder: failback === undefined ? undefined : !failback,
      ...(checkBeacon !== undefined && { failureCriteria: { checkBeacon } }),
      ...(order && { nicOrder: { activeNic: activeNics ?? [], standbyNic: standbyNics ?? [] } }),
    },
    shapingPolicy: {
      enabled: policy.shapingEnabled,
      averageBandwidth: policy.shapingAverageBandwidth,
      peakBandwidth: policy.shapingPeakBandwidth,
      burstSize: policy.shapingBurstSize,
    },
  };
}

/** The policy that the host tells; every key is there, with undefined for what it leaves out. */
export function policyOf(spec: HostNetworkPolicy | undefined): NetworkPolicy {
  const { security, nicTeaming, shapingPolicy } = spec ?? {};
  const rolling = nicTeaming?.rollingOrder;
  const order = nicTeaming?.nicOrder;
  // An order that names nobody is none.
  const ordered = [...(order?.activeNic ?? []), ...(order?.standbyNic ?? [])].length > 0;
  return {
    allowPromiscuous: security?.allowPromiscuous,
    allowMacChanges: security?.macChanges,
    allowForgedTransmits: security?.forgedTransmits,
    teamingPolicy: nicTeaming?.policy,
    activeNics: ordered ? [...(order?.activeNic ?? [])] : undefined,
    standbyNics: ordered ? [...(order?.standbyNic ?? [])] : undefined,
    notifySwitches: nicTeaming?.notifySwitches,
    failback: rolling === undefined ? undefined : !rolling,
    checkBeacon: nicTeaming?.failureCriteria?.checkBeacon,
    shapingEnabled: shapingPolicy?.enabled,
    shapingAverageBandwidth: shapingPolicy?.averageBandwidth,
    shapingPeakBandwidth: shapingPolicy?.peakBandwidth,
    shapingBurstSize: shapingPolicy?.burstSize,
  };
}
