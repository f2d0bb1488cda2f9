import type { HostNetworkPolicy, HostNetworkSecurityPolicy } from "../../../schema/index.ts";

/** Security, teaming and shaping of a vSwitch or port group. What is left out is as the host or the vSwitch has it. */
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
  /** Bits per second. The peak too. */
  readonly shapingAverageBandwidth?: number | undefined;
  readonly shapingPeakBandwidth?: number | undefined;
  /** Bytes. */
  readonly shapingBurstSize?: number | undefined;
}

/** How a host notices a dead uplink. Every host has these values unless somebody has changed them. */
const FAILURE_CRITERIA = {
  checkSpeed: "minimum",
  speed: 10,
  checkDuplex: false,
  fullDuplex: false,
  checkErrorPercent: false,
  percentage: 0,
};

/** Whether a policy names all three settings of security. */
export function namesSecurity(policy: NetworkPolicy): boolean {
  return securityOf(policy).every((one) => one !== undefined);
}

/**
 * A whole policy of a vSwitch as the API takes it. Hosts refuse one that leaves something out.
 *
 * @param now The policy on the host, for what is left out.
 */
export function wholePolicySpec(policy: NetworkPolicy, now: HostNetworkPolicy = {}): HostNetworkPolicy {
  const { nicTeaming } = now;
  const asked = policySpec(policy);
  return {
    security: securitySpec(wholeSecurity(policy, policyOf(now))),
    nicTeaming: {
      policy: policy.teamingPolicy ?? nicTeaming?.policy ?? "loadbalance_srcid",
      reversePolicy: nicTeaming?.reversePolicy ?? true,
      notifySwitches: policy.notifySwitches ?? nicTeaming?.notifySwitches ?? true,
      rollingOrder: asked.nicTeaming?.rollingOrder ?? nicTeaming?.rollingOrder ?? false,
      failureCriteria: {
        ...FAILURE_CRITERIA,
        ...nicTeaming?.failureCriteria,
        checkBeacon: policy.checkBeacon ?? nicTeaming?.failureCriteria?.checkBeacon ?? false,
      },
      nicOrder: { activeNic: policy.activeNics ?? [], standbyNic: policy.standbyNics ?? [] },
    },
    shapingPolicy: { ...asked.shapingPolicy, enabled: policy.shapingEnabled ?? false },
  };
}

/**
 * The security settings of a port group. Hosts want all or none of them, so the vSwitch's fill up what the program
 * leaves out.
 */
export function withSecurityOf(policy: NetworkPolicy, vSwitch: NetworkPolicy): NetworkPolicy {
  if (securityOf(policy).every((one) => one === undefined)) return policy;
  return { ...policy, ...wholeSecurity(policy, vSwitch) };
}

/** The policy of a port group as the API takes it. It inherits from its vSwitch what it leaves out. */
export function policySpec(policy: NetworkPolicy): HostNetworkPolicy {
  const { activeNics, standbyNics, failback, checkBeacon } = policy;
  const order = activeNics !== undefined || standbyNics !== undefined;
  return {
    security: securitySpec(policy),
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

/** The policy on the host. Every key is there, with undefined if the host leaves it out. */
export function policyOf(spec: HostNetworkPolicy | undefined): NetworkPolicy {
  const { security, nicTeaming, shapingPolicy } = spec ?? {};
  const rolling = nicTeaming?.rollingOrder;
  const order = nicTeaming?.nicOrder;
  // An order without adapters counts as no order.
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

function securityOf({ allowPromiscuous, allowMacChanges, allowForgedTransmits }: NetworkPolicy) {
  return [allowPromiscuous, allowMacChanges, allowForgedTransmits];
}

/** A security setting that nobody names stays off. */
function wholeSecurity(policy: NetworkPolicy, rest: NetworkPolicy): NetworkPolicy {
  return {
    allowPromiscuous: policy.allowPromiscuous ?? rest.allowPromiscuous ?? false,
    allowMacChanges: policy.allowMacChanges ?? rest.allowMacChanges ?? false,
    allowForgedTransmits: policy.allowForgedTransmits ?? rest.allowForgedTransmits ?? false,
  };
}

function securitySpec(policy: NetworkPolicy): HostNetworkSecurityPolicy {
  return {
    allowPromiscuous: policy.allowPromiscuous,
    macChanges: policy.allowMacChanges,
    forgedTransmits: policy.allowForgedTransmits,
  };
}
