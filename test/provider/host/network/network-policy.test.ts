import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type NetworkPolicy,
  namesSecurity,
  policyOf,
  policySpec,
  wholePolicySpec,
  withSecurityOf,
} from "../../../../provider/host/network/network-policy.ts";
import type { HostNetworkPolicy } from "../../../../schema/index.ts";

const flag = fc.boolean();
const nics = fc.array(fc.constantFrom("vmnic0", "vmnic1"), { minLength: 1 });
const figure = fc.integer({ min: 1 });
const policies = fc.record(
  {
    allowPromiscuous: flag,
    allowMacChanges: flag,
    allowForgedTransmits: flag,
    teamingPolicy: fc.constantFrom("loadbalance_ip", "failover_explicit"),
    activeNics: nics,
    standbyNics: nics,
    notifySwitches: flag,
    failback: flag,
    checkBeacon: flag,
    shapingEnabled: flag,
    shapingAverageBandwidth: figure,
    shapingPeakBandwidth: figure,
    shapingBurstSize: figure,
  },
  { requiredKeys: [] },
);

test("whatever a policy names reads back as it was written, and nothing else does", () => {
  fc.assert(
    fc.property(policies, (policy) => {
      const { activeNics, standbyNics } = policy;
      const isOrdered = activeNics !== undefined || standbyNics !== undefined;
      // Hosts have the two lists together.
      const order = isOrdered ? { activeNics: activeNics ?? [], standbyNics: standbyNics ?? [] } : {};
      expect(policyOf(policySpec(policy))).toEqual({ ...policy, ...order });
    }),
  );
});

test("a port group sends only what it names: the rest is its vSwitch's", () => {
  const { security, nicTeaming, shapingPolicy } = policySpec({ standbyNics: ["vmnic1"] });
  expect(security).toEqual({});
  expect(nicTeaming).toEqual({ nicOrder: { activeNic: [], standbyNic: ["vmnic1"] } });
  expect(shapingPolicy).toEqual({});
  expect(policySpec({}).nicTeaming).toStrictEqual({
    policy: undefined,
    notifySwitches: undefined,
    rollingOrder: undefined,
  });
});

test("nothing of a policy is a policy that names nothing, and an order without adapters is none", () => {
  expect(policyOf(undefined)).toEqual({});
  expect(policyOf({ nicTeaming: { nicOrder: {} } })).toEqual({});
  expect(policyOf({ nicTeaming: { nicOrder: { activeNic: [], standbyNic: [] } } })).toEqual({});
  const one = ["vmnic0"];
  expect(policyOf({ nicTeaming: { nicOrder: { activeNic: one } } })).toEqual({
    activeNics: one,
    standbyNics: [],
  });
  expect(policyOf({ nicTeaming: { nicOrder: { standbyNic: one } } })).toEqual({
    activeNics: [],
    standbyNics: one,
  });
});

const USUAL: HostNetworkPolicy = {
  security: { allowPromiscuous: false, macChanges: false, forgedTransmits: false },
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
    nicOrder: { activeNic: [], standbyNic: [] },
  },
  shapingPolicy: { enabled: false },
};

describe("the policy of a vSwitch has no holes:", () => {
  test("what nobody names has the usual values, and security stays shut", () => {
    expect(wholePolicySpec({})).toEqual(USUAL);
    expect(wholePolicySpec({}, { nicTeaming: {} })).toEqual(USUAL);
  });

  const THERE = {
    security: { allowPromiscuous: true, macChanges: true, forgedTransmits: true },
    nicTeaming: {
      policy: "loadbalance_ip",
      reversePolicy: false,
      notifySwitches: false,
      rollingOrder: true,
      failureCriteria: { checkSpeed: "exact", speed: 100, percentage: 7, checkBeacon: true },
    },
  };

  test("what the program leaves out is as the host has it", () => {
    const { security, nicTeaming } = wholePolicySpec({}, THERE);
    expect(security).toEqual(THERE.security);
    expect(nicTeaming).toEqual({
      ...THERE.nicTeaming,
      failureCriteria: {
        ...USUAL.nicTeaming?.failureCriteria,
        ...THERE.nicTeaming.failureCriteria,
      },
      nicOrder: USUAL.nicTeaming?.nicOrder,
    });
  });

  test("what the program names wins", () => {
    const wish: NetworkPolicy = {
      allowPromiscuous: false,
      allowMacChanges: false,
      allowForgedTransmits: false,
      teamingPolicy: "failover_explicit",
      activeNics: ["vmnic1"],
      standbyNics: ["vmnic2"],
      notifySwitches: true,
      failback: true,
      checkBeacon: false,
      shapingEnabled: true,
      shapingAverageBandwidth: 1,
      shapingPeakBandwidth: 2,
      shapingBurstSize: 3,
    };
    expect(policyOf(wholePolicySpec(wish, THERE))).toEqual(wish);
  });
});

describe("security is named together or not at all:", () => {
  const ALL = { allowPromiscuous: true, allowMacChanges: false, allowForgedTransmits: true };
  const KEYS = ["allowPromiscuous", "allowMacChanges", "allowForgedTransmits"] as const;

  test("a policy names it only if it names all three", () => {
    expect(namesSecurity(ALL)).toBe(true);
    for (const key of KEYS) expect(namesSecurity({ ...ALL, [key]: undefined })).toBe(false);
  });

  test("a port group that names none takes none, and one that names some takes the rest of its vSwitch", () => {
    const vSwitch = { allowPromiscuous: true, allowMacChanges: true, allowForgedTransmits: true };
    const none = { teamingPolicy: "loadbalance_ip" };
    expect(withSecurityOf(none, vSwitch)).toEqual(none);
    for (const key of KEYS) {
      expect(withSecurityOf({ ...none, [key]: false }, vSwitch)).toEqual({
        ...none,
        ...vSwitch,
        [key]: false,
      });
      const shut = { allowPromiscuous: false, allowMacChanges: false, allowForgedTransmits: false };
      expect(withSecurityOf({ ...none, [key]: true }, {})).toEqual({ ...none, ...shut, [key]: true });
    }
  });
});
