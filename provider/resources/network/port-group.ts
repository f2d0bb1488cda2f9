import type * as pulumi from "@pulumi/pulumi";
import { EsxiResource } from "../../program/esxi-resource.ts";
import { argsOf } from "../frame/given-args.ts";
import type { AdoptArgs, HostResourceArgs } from "../frame/host-resource-args.ts";
import type { NetworkPolicyArgs } from "./network-policy-args.ts";

/**
 * The settings of a {@link PortGroup}. Policy settings that are left out are the vSwitch's. Taking a setting out of the
 * program gives it the vSwitch's value again.
 */
export interface PortGroupArgs extends NetworkPolicyArgs, HostResourceArgs, AdoptArgs {
  /**
   * The port group's name, which VMs' network adapters use: 1–80 characters. Default: the resource's logical name.
   * Changing it replaces the port group, so no VM may be on it.
   */
  name?: pulumi.Input<string> | undefined;
  /** The vSwitch's name. Changing it replaces the port group, so no VM may be on it. */
  virtualSwitch: pulumi.Input<string>;
  /** VLAN tag: 0 (default) for none, 1–4094, or 4095 for all, which the guest then tags. Changed in place. */
  vlanId?: pulumi.Input<number> | undefined;
}

/**
 * A port group of a standard vSwitch: a network for VMs.
 *
 * Making it fails if the host has the name already, unless it is to be adopted, or if the host does not have the
 * vSwitch. Deleting it fails if a VM, running or not, or the host itself is on it. The message says which.
 *
 * @example
 * ```ts
 * const lab = new PortGroup("lab", { virtualSwitch: "vSwitch0", vlanId: 42 });
 * new OvaDeployment("web", { ovaPath: "web.ova", networkInterfaces: [{ network: lab.name }] });
 * ```
 */
export class PortGroup extends EsxiResource {
  /** The class name for Pulumi's policies. @internal */
  static readonly __pulumiType = "pulumi-nodejs:esxi:PortGroup";

  /** Its name. Also the resource's id. */
  declare readonly name: pulumi.Output<string>;
  /** The vSwitch's name. */
  declare readonly virtualSwitch: pulumi.Output<string>;
  /** VLAN tag. */
  declare readonly vlanId: pulumi.Output<number>;
  /** The host's own key for it. */
  declare readonly key: pulumi.Output<string>;
  /** Hardware UUID of the host. */
  declare readonly hostUuid: pulumi.Output<string>;

  /** @throws PlainPasswordError if the stack's configuration holds a password that is not a secret. */
  constructor(name: string, args: PortGroupArgs, options?: pulumi.CustomResourceOptions) {
    const given = argsOf("PortGroup", name, args);
    super("PortGroup", name, { ...given, name: given.name ?? name }, ["vlanId", "key", "hostUuid"], options);
  }
}
