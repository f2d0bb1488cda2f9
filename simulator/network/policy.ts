/** Network policies: the defaults of a vSwitch, what a port group inherits, and what is refused. */
import type { HostNetworkPolicy, HostNetworkSecurityPolicy } from "../../schema/index.ts";
import { invalidArgument } from "../soap/fault.ts";

export const TEAMING = ["loadbalance_ip", "loadbalance_srcmac", "loadbalance_srcid", "failover_explicit"];

/**
 * The policy of a new vSwitch. All its uplinks are active.
 *
 * @param open whether guests may use other MAC addresses than their adapters'
 */
export function defaultPolicy(uplinks: readonly string[], open: boolean): HostNetworkPolicy {
  return {
    security: { allowPromiscuous: false, macChanges: open, forgedTransmits: open },
    nicTeaming: {
      policy: "loadbalance_srcid",
      reversePolicy: true,
      notifySwitches: true,
      rollingOrder: false,
      failureCriteria: {
        checkSpeed: "minimum",
        speed: 10,
        checkDuplex: false,
        fullDuplex: false,
        checkErrorPercent: false,
        percentage: 0,
        checkBeacon: false,
      },
      nicOrder: { activeNic: uplinks, standbyNic: [] },
    },
    offloadPolicy: { csumOffload: true, tcpSegmentation: true, zeroCopyXmit: true },
    shapingPolicy: { enabled: false },
  };
}

/** A policy, with the missing parts from another one. */
export function inherit(own: HostNetworkPolicy, from: HostNetworkPolicy): HostNetworkPolicy {
  const nicOrder = own.nicTeaming?.nicOrder ?? from.nicTeaming?.nicOrder;
  const failureCriteria = fill(own.nicTeaming?.failureCriteria, from.nicTeaming?.failureCriteria);
  return {
    security: fill(own.security, from.security),
    nicTeaming: { ...fill(own.nicTeaming, from.nicTeaming), nicOrder, failureCriteria },
    offloadPolicy: fill(own.offloadPolicy, from.offloadPolicy),
    shapingPolicy: fill(own.shapingPolicy, from.shapingPolicy),
  };
}

/**
 * A vSwitch's policy must be whole or absent, because a host refuses one with missing parts.
 *
 * @throws VimFault InvalidArgument
 */
export function checkWhole(policy: HostNetworkPolicy | undefined): void {
  if (policy === undefined) return;
  const { security, nicTeaming, shapingPolicy } = policy;
  const { policy: teaming, reversePolicy, notifySwitches, rollingOrder, nicOrder } = nicTeaming ?? {};
  const { checkSpeed, speed, checkDuplex, fullDuplex, checkErrorPercent, percentage, checkBeacon } =
    nicTeaming?.failureCriteria ?? {};
  const parts = {
    security: securityOf(security),
    nicTeaming: [teaming, reversePolicy, notifySwitches, rollingOrder, nicOrder],
    "nicTeaming.failureCriteria": [
      checkSpeed,
      speed,
      checkDuplex,
      fullDuplex,
      checkErrorPercent,
      percentage,
      checkBeacon,
    ],
    shapingPolicy: [shapingPolicy?.enabled],
  };
  for (const [name, values] of Object.entries(parts))
    if (values.includes(undefined)) throw invalidArgument(`spec.policy.${name}`);
}

/**
 * A port group's policy may have missing parts, but its security may not. Hosts accept one or two of the three values,
 * and then nobody can say which state results. Here they are refused.
 *
 * @throws VimFault InvalidArgument
 */
export function checkSecurity({ security }: HostNetworkPolicy): void {
  const named = securityOf(security).filter((value) => value !== undefined).length;
  if (named > 0 && named < 3) throw invalidArgument("portgrp.policy.security");
}

function securityOf(security: HostNetworkSecurityPolicy | undefined): (boolean | undefined)[] {
  return [security?.allowPromiscuous, security?.macChanges, security?.forgedTransmits];
}

/**
 * @param uplinks the uplinks of the vSwitch
 * @throws VimFault InvalidArgument
 */
export function checkPolicy(policy: HostNetworkPolicy, uplinks: readonly string[]): void {
  const { nicTeaming, shapingPolicy } = policy;
  if (nicTeaming?.policy !== undefined && !TEAMING.includes(nicTeaming.policy))
    throw invalidArgument("policy.nicTeaming.policy");
  const { activeNic = [], standbyNic = [] } = nicTeaming?.nicOrder ?? {};
  const order = [...activeNic, ...standbyNic];
  if (new Set(order).size < order.length || order.some((nic) => !uplinks.includes(nic)))
    throw invalidArgument("policy.nicTeaming.nicOrder");
  if (shapingPolicy?.enabled) {
    const { averageBandwidth = 0, peakBandwidth = 0, burstSize = 0 } = shapingPolicy;
    if (averageBandwidth <= 0 || burstSize <= 0 || peakBandwidth < averageBandwidth)
      throw invalidArgument("policy.shapingPolicy");
  }
}

function fill<T extends object>(own: T | undefined, from: T | undefined): T | undefined {
  if (own === undefined || from === undefined) return own ?? from;
  const set = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  return { ...from, ...set };
}
