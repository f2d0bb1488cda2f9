import type {
  HostNetworkPolicy,
  HostVirtualSwitch,
  HostVirtualSwitchBondBridge,
  HostVirtualSwitchSimpleBridge,
  HostVirtualSwitchSpec,
} from "../../../schema/index.ts";
import { didYouMean } from "../../ovf/did-you-mean.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { HostError } from "../host-error.ts";
import { inTheWay } from "../look-twice.ts";
import { madeDespiteLostAnswer } from "../lost-answer.ts";
import { type NetworkPolicy, namesSecurity, policyOf, wholePolicySpec } from "./network-policy.ts";
import { type Networking, readNetworking, usersOf } from "./networking.ts";

/** A standard vSwitch as it is or is to be. */
export interface VirtualSwitchState extends NetworkPolicy {
  readonly name: string;
  readonly numPorts: number;
  readonly mtu: number | undefined;
  /** Its uplinks. */
  readonly networkAdapters: readonly string[];
  /** Seconds; of a vSwitch with uplinks only, as all below. */
  readonly beaconInterval?: number | undefined;
  readonly linkDiscoveryProtocol?: string | undefined;
  readonly linkDiscoveryOperation?: string | undefined;
}

/** A vSwitch of a host. */
export interface ObservedVirtualSwitch {
  /** The host's key of it. */
  readonly key: string;
  readonly state: VirtualSwitchState;
}

/** The vSwitch of that name; undefined if the host has none. */
export async function findVirtualSwitch(
  host: EsxiHost,
  name: string,
): Promise<ObservedVirtualSwitch | undefined> {
  const found = (await readNetworking(host)).switches.find((one) => one.name === name);
  return found && observed(found);
}

/**
 * Adds a vSwitch. Its policy is sent only if it names all of security, because hosts take a whole one only and their own
 * security is not known before: else the vSwitch comes with the host's own policy, and an update makes the rest so.
 *
 * @throws HostError if an uplink is not there or is another vSwitch's.
 */
export async function addVirtualSwitch(
  host: EsxiHost,
  wish: VirtualSwitchState,
  signal: AbortSignal,
): Promise<void> {
  const networking = await readNetworking(host);
  checkUplinks(host, wish, networking);
  const spec = specOf(wish, namesSecurity(wish) ? wholePolicySpec(wish) : undefined);
  const params = { vswitchName: wish.name, spec };
  await madeDespiteLostAnswer(
    () => host.client.call(networking.system, "AddVirtualSwitch", params, { signal }),
    () => findVirtualSwitch(host, wish.name),
  );
}

/** @throws HostError as {@link addVirtualSwitch} */
export async function updateVirtualSwitch(
  host: EsxiHost,
  wish: VirtualSwitchState,
  signal: AbortSignal,
): Promise<void> {
  const networking = await readNetworking(host);
  checkUplinks(host, wish, networking);
  const now = networking.switches.find((one) => one.name === wish.name)?.spec.policy;
  const params = { vswitchName: wish.name, spec: specOf(wish, wholePolicySpec(wish, now)) };
  await host.client.call(networking.system, "UpdateVirtualSwitch", params, { signal });
}

/**
 * Removes a vSwitch; nothing happens if it is gone. The host would remove its port groups with it, so it must have none.
 * @param before Called when nothing is left that could keep it.
 * @throws HostError naming the port groups, VMs and VMkernel ports that it has.
 */
export async function removeVirtualSwitch(
  host: EsxiHost,
  name: string,
  signal: AbortSignal,
  before: () => Promise<void>,
): Promise<void> {
  const { system, switches } = await readNetworking(host);
  if (!switches.some((one) => one.name === name)) return before();
  const groups = await inTheWay(async () =>
    (await readNetworking(host)).portGroups
      .filter(({ spec }) => spec.vswitchName === name)
      .map(({ spec }) => spec.name),
  );
  if (groups.length > 0) {
    const users = await usersOf(host, groups, await readNetworking(host));
    const named = groups.map((one) => `"${one}"`).join(", ");
    throw new HostError(
      `${host.name}: the vSwitch "${name}" has the port groups ${named}` +
        `${users.length > 0 ? `, used by ${users.join(", ")},` : ""} and was left alone. ` +
        "Remove them first, then run this again.",
    );
  }
  await before();
  await host.client.call(system, "RemoveVirtualSwitch", { vswitchName: name }, { signal });
}

function checkUplinks(host: EsxiHost, wish: VirtualSwitchState, networking: Networking): void {
  const { physicalAdapters, switches } = networking;
  for (const uplink of wish.networkAdapters) {
    if (!physicalAdapters.includes(uplink)) {
      const hint = didYouMean(uplink, physicalAdapters, "network adapters", host.name);
      throw new HostError(
        `${host.name} has no network adapter "${uplink}" for the vSwitch "${wish.name}": ${hint}. Nothing was changed.`,
      );
    }
    const other = switches.find((one) => one.name !== wish.name && uplinksOf(one.spec).includes(uplink));
    if (other) {
      throw new HostError(
        `${host.name}: the network adapter ${uplink} is an uplink of the vSwitch "${other.name}" already, so ` +
          `"${wish.name}" cannot have it. Nothing was changed.`,
      );
    }
  }
}

function specOf(wish: VirtualSwitchState, policy: HostNetworkPolicy | undefined): HostVirtualSwitchSpec {
  const { numPorts, mtu, networkAdapters, beaconInterval } = wish;
  const { linkDiscoveryProtocol: protocol, linkDiscoveryOperation: operation } = wish;
  const bridge: HostVirtualSwitchBondBridge = {
    $type: "HostVirtualSwitchBondBridge",
    nicDevice: networkAdapters,
    ...(beaconInterval !== undefined && { beacon: { interval: beaconInterval } }),
    ...(protocol !== undefined &&
      operation !== undefined && { linkDiscoveryProtocolConfig: { protocol, operation } }),
  };
  return { numPorts, ...(networkAdapters.length > 0 && { bridge }), policy, mtu };
}

function observed({ name, key, spec, mtu }: HostVirtualSwitch): ObservedVirtualSwitch {
  const bridge = spec.bridge as Partial<HostVirtualSwitchBondBridge> | undefined;
  return {
    key,
    state: {
      name,
      numPorts: spec.numPorts,
      mtu: spec.mtu ?? mtu,
      networkAdapters: [...uplinksOf(spec)],
      ...policyOf(spec.policy),
      beaconInterval: bridge?.beacon?.interval,
      linkDiscoveryProtocol: bridge?.linkDiscoveryProtocolConfig?.protocol,
      linkDiscoveryOperation: bridge?.linkDiscoveryProtocolConfig?.operation,
    },
  };
}

function uplinksOf({ bridge }: HostVirtualSwitchSpec): readonly string[] {
  if (bridge === undefined) return [];
  const { nicDevice } = bridge as HostVirtualSwitchBondBridge | HostVirtualSwitchSimpleBridge;
  return typeof nicDevice === "string" ? [nicDevice] : nicDevice;
}
