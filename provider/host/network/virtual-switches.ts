import type {
  HostNetworkPolicy,
  HostVirtualSwitch,
  HostVirtualSwitchBondBridge,
  HostVirtualSwitchSpec,
} from "../../../schema/index.ts";
import { didYouMean } from "../../ovf/did-you-mean.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { HostError } from "../host-error.ts";
import { inTheWay } from "../look-twice.ts";
import { madeDespiteLostAnswer } from "../lost-answer.ts";
import { writerOf } from "../shell/api-or-shell.ts";
import { namesSecurity, policyOf, wholePolicySpec } from "./network-policy.ts";
import { type Networking, readNetworking, usersOf } from "./networking.ts";
import { uplinksOf, type VirtualSwitchState, type VirtualSwitchWriter } from "./virtual-switch-state.ts";
import { virtualSwitchesByShell } from "./virtual-switches-by-shell.ts";

export type { VirtualSwitchState } from "./virtual-switch-state.ts";

/** A vSwitch of a host. */
export interface ObservedVirtualSwitch {
  /** The host's own key for it. */
  readonly key: string;
  readonly state: VirtualSwitchState;
}

/** The vSwitch of that name. Undefined if the host has none. */
export async function findVirtualSwitch(
  host: EsxiHost,
  name: string,
): Promise<ObservedVirtualSwitch | undefined> {
  const found = (await readNetworking(host)).switches.find((one) => one.name === name);
  return found && observed(found);
}

/**
 * Adds a vSwitch. Hosts take a whole policy only, and their default security is not known before. So the policy is sent
 * along only if it names all of security. If not, the vSwitch comes with the host's own policy, and an update sets the
 * rest.
 *
 * @throws HostError if an uplink is not there, or belongs to another vSwitch.
 */
export async function addVirtualSwitch(
  host: EsxiHost,
  wish: VirtualSwitchState,
  signal: AbortSignal,
): Promise<void> {
  const networking = await readNetworking(host);
  checkUplinks(host, wish, networking);
  await (await writer(host)).add(wish, networking, signal);
}

/** @throws HostError as {@link addVirtualSwitch} */
export async function updateVirtualSwitch(
  host: EsxiHost,
  wish: VirtualSwitchState,
  signal: AbortSignal,
): Promise<void> {
  const networking = await readNetworking(host);
  checkUplinks(host, wish, networking);
  await (await writer(host)).update(wish, networking, signal);
}

/**
 * Removes a vSwitch. Nothing happens if it is gone. The host would remove its port groups with it, so it must have
 * none.
 * @param before Called when nothing uses it any more, just before it is removed.
 * @throws HostError with its port groups, and the VMs and VMkernel ports on them.
 */
export async function removeVirtualSwitch(
  host: EsxiHost,
  name: string,
  signal: AbortSignal,
  before: () => Promise<void>,
): Promise<void> {
  const networking = await readNetworking(host);
  if (!networking.switches.some((one) => one.name === name)) return before();
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
  await (await writer(host)).remove(name, networking, signal);
}

const byApi = (host: EsxiHost): VirtualSwitchWriter => ({
  add: (wish, { system }, signal) => {
    const spec = specOf(wish, namesSecurity(wish) ? wholePolicySpec(wish) : undefined);
    return madeDespiteLostAnswer(
      () => host.client.call(system, "AddVirtualSwitch", { vswitchName: wish.name, spec }, { signal }),
      () => findVirtualSwitch(host, wish.name),
    );
  },
  update: (wish, { system, switches }, signal) => {
    const now = switches.find((one) => one.name === wish.name)?.spec.policy;
    const params = { vswitchName: wish.name, spec: specOf(wish, wholePolicySpec(wish, now)) };
    return host.client.call(system, "UpdateVirtualSwitch", params, { signal });
  },
  remove: (name, { system }, signal) =>
    host.client.call(system, "RemoveVirtualSwitch", { vswitchName: name }, { signal }),
});

const writer = (host: EsxiHost) => writerOf(host, { api: byApi, ssh: virtualSwitchesByShell });

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
