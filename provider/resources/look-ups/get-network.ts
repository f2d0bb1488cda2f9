import type * as pulumi from "@pulumi/pulumi";
import { type LookUpOptions, lookUp } from "../../program/look-up.ts";
import { lookUpArgsOf } from "../frame/given-args.ts";

/** The network for {@link getNetwork}. */
export interface GetNetworkArgs {
  /** The port group's name. */
  name: pulumi.Input<string>;
  /** The host, by its name in the configuration's `esxi:hosts`. Default: the host of `esxi:host`. */
  host?: pulumi.Input<string> | undefined;
}

/** The answer of {@link getNetwork}. */
export interface GetNetworkResult {
  /** The port group's name. */
  readonly name: string;
  /** The managed object id on its host. */
  readonly moid: string;
  /**
   * 0: none. 1–4094: that VLAN. 4095: all, with their tags. Undefined if the network is no port group of a standard
   * switch.
   */
  readonly vlanId?: number | undefined;
  /** Name of the standard switch. Undefined if the network is no port group of one. */
  readonly virtualSwitch?: string | undefined;
}

/**
 * A network for adapters of virtual machines, as it is now. It is read again in each preview and update.
 *
 * Fails if the host does not have a network of that name. The error lists the names on the host.
 *
 * @example
 * ```ts
 * export const vlan = getNetwork({ name: "lab-net" }).vlanId;
 * ```
 *
 * @throws PlainPasswordError if the stack's configuration holds a password that is not a secret.
 */
export function getNetwork(args: GetNetworkArgs, options?: LookUpOptions): pulumi.Output<GetNetworkResult> {
  const given = lookUpArgsOf("getNetwork", args);
  return lookUp<GetNetworkResult>("getNetwork", { host: given.host, name: given.name }, options);
}
