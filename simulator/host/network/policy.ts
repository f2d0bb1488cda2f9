/** Network policies: what a vSwitch has without being told, what a port group takes over from it, and what is refused. */
import type { HostNetworkPolicy } from "../../../schema/index.ts";
import { invalidArgument } from "../../soap/fault.ts";

export const TEAMING = ["loadbalance_ip", "loadbalance_srcmac", "loadbalance_srcid", "failover_explicit"];

/** The policy of a new vSwitch, whose uplinks are all active. */
export function defaultPolicy(uplinks: readonly string[]): HostNetworkPolicy {
  return {
    security: { allowPromiscuous: false, macChanges: true, forgedTransmits: true },
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

/** A policy with what it leaves out taken from another one. */
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
 * @param uplinks those of the vSwitch
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
