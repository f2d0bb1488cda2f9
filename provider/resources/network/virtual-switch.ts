import type * as pulumi from "@pulumi/pulumi";
import { EsxiResource } from "../../program/esxi-resource.ts";
import { argsOf } from "../frame/given-args.ts";
import type { AdoptArgs, HostResourceArgs } from "../frame/host-resource-args.ts";
import type { NetworkPolicyArgs } from "./network-policy-args.ts";

/**
 * The settings of a {@link VirtualSwitch}. Policy settings that are left out have the usual values: no promiscuous
 * mode, failback and notices to switches on, `loadbalance_srcid`, all network adapters active that are not on standby,
 * no beacons, no shaping. MAC changes and forged transmits are as the host sets them on a new vSwitch, and stay so.
 * Newer hosts refuse both, so a lab with nested hypervisors must name them.
 */
export interface VirtualSwitchArgs extends NetworkPolicyArgs, HostResourceArgs, AdoptArgs {
  /**
   * The vSwitch's name: 1–31 characters. Default: the resource's logical name. Changing it replaces the vSwitch, which
   * may then have no port groups.
   */
  name?: pulumi.Input<string> | undefined;
  /**
   * Physical adapters that are its uplinks, `["vmnic1"]`. Each can belong to one vSwitch only. Default none: VMs on it
   * reach only each other. Changed in place. The order does not matter.
   */
  networkAdapters?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Ports, 1–4088. Default 128. Newer hosts add ports as they need them. Changed in place. */
  numPorts?: pulumi.Input<number> | undefined;
  /** Largest packet in bytes, 1280–9000. Default 1500. Changed in place. */
  mtu?: pulumi.Input<number> | undefined;
  /** Seconds between beacons, 1–3600. Default 1. Counts only with network adapters. Changed in place. */
  beaconInterval?: pulumi.Input<number> | undefined;
  /** `cdp` (default) or `lldp`. Counts only with network adapters. Changed in place. */
  linkDiscoveryProtocol?: pulumi.Input<"cdp" | "lldp"> | undefined;
  /** `listen` (default), `advertise`, `both` or `none`. Counts only with network adapters. Changed in place. */
  linkDiscoveryOperation?: pulumi.Input<"listen" | "advertise" | "both" | "none"> | undefined;
}

/**
 * A standard virtual switch of the host.
 *
 * Making it fails if the host has the name already, unless it is to be adopted, or if a network adapter is not there or
 * belongs to another vSwitch. Deleting it fails if it has port groups. The message says which, and who is on them.
 *
 * @example
 * ```ts
 * const isolated = new VirtualSwitch("isolated", {});
 * const lab = new PortGroup("lab", { virtualSwitch: isolated.name });
 * ```
 */
export class VirtualSwitch extends EsxiResource {
  /** The class name for Pulumi's policies. @internal */
  static readonly __pulumiType = "pulumi-nodejs:esxi:VirtualSwitch";

  /** Its name. Also the resource's id. */
  declare readonly name: pulumi.Output<string>;
  /** Its uplinks. */
  declare readonly networkAdapters: pulumi.Output<string[]>;
  /** Largest packet in bytes. */
  declare readonly mtu: pulumi.Output<number>;
  /** The host's own key for it. */
  declare readonly key: pulumi.Output<string>;
  /** Hardware UUID of the host. */
  declare readonly hostUuid: pulumi.Output<string>;

  /** @throws PlainPasswordError if the stack's configuration holds a password that is not a secret. */
  constructor(name: string, args: VirtualSwitchArgs = {}, options?: pulumi.CustomResourceOptions) {
    const given = argsOf("VirtualSwitch", name, args);
    super(
      "VirtualSwitch",
      name,
      { ...given, name: given.name ?? name },
      ["networkAdapters", "mtu", "key", "hostUuid"],
      options,
    );
  }
}
