import type { HostPortGroup, HostPortGroupSpec } from "../../../schema/index.ts";
import { didYouMean } from "../../ovf/did-you-mean.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { HostError } from "../host-error.ts";
import { inTheWay } from "../look-twice.ts";
import { madeDespiteLostAnswer } from "../lost-answer.ts";
import { writerOf } from "../shell/api-or-shell.ts";
import { type NetworkPolicy, policyOf, policySpec, withSecurityOf } from "./network-policy.ts";
import { type Networking, readNetworking, usersOf } from "./networking.ts";
import type { PortGroupState, PortGroupWriter } from "./port-group-state.ts";
import { portGroupsByShell } from "./port-groups-by-shell.ts";

export type { PortGroupState } from "./port-group-state.ts";

/** A port group of a host. */
export interface ObservedPortGroup {
  /** The host's own key for it. */
  readonly key: string;
  readonly state: PortGroupState;
  /** The policy of its vSwitch. */
  readonly vSwitch: NetworkPolicy;
}

/** The port group of that name. Undefined if the host has none. */
export async function findPortGroup(host: EsxiHost, name: string): Promise<ObservedPortGroup | undefined> {
  const networking = await readNetworking(host);
  const found = networking.portGroups.find(({ spec }) => spec.name === name);
  return found && observed(found, networking);
}

/** @throws HostError if the host has no such vSwitch. */
export async function addPortGroup(host: EsxiHost, wish: PortGroupState, signal: AbortSignal): Promise<void> {
  const networking = await readNetworking(host);
  const { switches } = networking;
  if (!switches.some(({ name }) => name === wish.virtualSwitch)) {
    const known = switches.map(({ name }) => name);
    throw new HostError(
      `${host.name} has no vSwitch "${wish.virtualSwitch}" for the port group "${wish.name}": ` +
        `${didYouMean(wish.virtualSwitch, known, "vSwitches", host.name)}. Nothing was created.`,
    );
  }
  await (await writer(host)).add(wish, networking, signal);
  host.forgetFacts();
}

/** Changes the port group to the desired state. It takes from its vSwitch what the wish leaves out. */
export async function updatePortGroup(
  host: EsxiHost,
  wish: PortGroupState,
  signal: AbortSignal,
): Promise<void> {
  await (await writer(host)).update(wish, await readNetworking(host), signal);
}

/** Who uses a port group now; see {@link usersOf}. */
export async function portGroupUsers(host: EsxiHost, name: string): Promise<string[]> {
  return usersOf(host, [name], await readNetworking(host));
}

/**
 * Removes a port group. Nothing happens if it is gone.
 * @param before Called when nothing uses it any more, just before it is removed.
 * @throws HostError with the VMs and VMkernel ports that use it.
 */
export async function removePortGroup(
  host: EsxiHost,
  name: string,
  signal: AbortSignal,
  before: () => Promise<void>,
): Promise<void> {
  const networking = await readNetworking(host);
  if (!networking.portGroups.some(({ spec }) => spec.name === name)) return before();
  const users = await inTheWay(() => portGroupUsers(host, name));
  if (users.length > 0) {
    throw new HostError(
      `${host.name}: the port group "${name}" is used by ${users.join(", ")} and was left alone. ` +
        "Move them to another network, or remove them, then run this again.",
    );
  }
  await before();
  await (await writer(host)).remove(name, networking, signal);
  host.forgetFacts();
}

const byApi = (host: EsxiHost): PortGroupWriter => ({
  add: (wish, seen, signal) =>
    madeDespiteLostAnswer(
      () => host.client.call(seen.system, "AddPortGroup", { portgrp: specOf(wish, seen) }, { signal }),
      () => findPortGroup(host, wish.name),
    ),
  update: (wish, seen, signal) => {
    const params = { pgName: wish.name, portgrp: specOf(wish, seen) };
    return host.client.call(seen.system, "UpdatePortGroup", params, { signal });
  },
  remove: (name, { system }, signal) =>
    host.client.call(system, "RemovePortGroup", { pgName: name }, { signal }),
});

const writer = (host: EsxiHost) => writerOf(host, { api: byApi, ssh: portGroupsByShell });

function specOf(wish: PortGroupState, networking: Networking): HostPortGroupSpec {
  const { name, vlanId, virtualSwitch } = wish;
  const policy = policySpec(withSecurityOf(wish, policyOfSwitch(virtualSwitch, networking)));
  return { name, vlanId, vswitchName: virtualSwitch, policy };
}

function observed({ key, spec }: HostPortGroup, networking: Networking): ObservedPortGroup {
  const { name, vswitchName, vlanId, policy } = spec;
  const state = { name, virtualSwitch: vswitchName, vlanId, ...policyOf(policy) };
  return { key: key ?? "", state, vSwitch: policyOfSwitch(vswitchName, networking) };
}

function policyOfSwitch(name: string, { switches }: Networking): NetworkPolicy {
  return policyOf(switches.find((one) => one.name === name)?.spec.policy);
}
