import type { HostNetworkPolicy, HostNetworkSecurityPolicy } from "../../../schema/index.ts";

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

/** How hosts tell a dead uplink, as every one of them does that nobody has told otherwise. */
const FAILURE_CRITERIA = {
  checkSpeed: "minimum",
  speed: 10,
  checkDuplex: false,
  fullDuplex: false,
  checkErrorPercent: false,
  percentage: 0,
};

/** Whether a policy names all that there is of security. */
export function namesSecurity(policy: NetworkPolicy): boolean {
  return securityOf(policy).every((one) => one !== undefined);
}

/**
 * A vSwitch's policy in the host's words, with nothing left out: hosts refuse one with holes.
 *
 * @param now what the host has
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

/** The security of a port group whose program names a part of it: the rest is its vSwitch's, because hosts want all. */
export function withSecurityOf(policy: NetworkPolicy, vSwitch: NetworkPolicy): NetworkPolicy {
  if (securityOf(policy).every((one) => one === undefined)) return policy;
  return { ...policy, ...wholeSecurity(policy, vSwitch) };
}

/** A port group's policy in the host's words; what it leaves out is its vSwitch's. */
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

function securityOf({ allowPromiscuous, allowMacChanges, allowForgedTransmits }: NetworkPolicy) {
  return [allowPromiscuous, allowMacChanges, allowForgedTransmits];
}

/** What nobody names stays shut. */
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
