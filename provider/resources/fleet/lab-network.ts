import * as pulumi from "@pulumi/pulumi";
import { isGone } from "../../program/gone-hosts.ts";
import { argsOf } from "../frame/given-args.ts";
import { PortGroup, type PortGroupArgs } from "../network/port-group.ts";
import { list, refuseOtherForms, TEXT } from "./arg-forms.ts";
import { placeId } from "./placement/place-id.ts";

/** The settings of a {@link LabNetwork}, the same on each host. */
export interface LabNetworkArgs extends Omit<PortGroupArgs, "host" | "name"> {
  /**
   * The port groups' name, 1–80 characters. Default: the network's logical name. Changing it replaces the port groups,
   * so no VM may be on them.
   */
  readonly name?: string | undefined;
  /**
   * Hosts that have it, by their names in the configuration's `esxi:hosts`: all on which a machine may be placed, such
   * as `["lab1", "lab2"]`. Default: the host of `esxi:host`. Adding or removing a host changes nothing on the others. A
   * host that is lost for good is left out.
   */
  readonly hosts?: readonly string[] | undefined;
}

/**
 * One network on several hosts: a port group of the same name, VLAN and policy on each. So a machine finds it on every
 * host. Machines on different hosts reach each other if the uplinks of their vSwitches carry that VLAN.
 *
 * @example
 * ```ts
 * const groups = ["red", "blue"];
 * const vlans = new Numbers("team-vlans", { keys: groups, from: 200, to: 299 });
 * for (const group of groups) {
 *   new LabNetwork(`team-${group}`, { hosts: ["lab1", "lab2"], virtualSwitch: "vSwitch0", vlanId: vlans.of(group) });
 * }
 * ```
 */
export class LabNetwork extends pulumi.ComponentResource {
  /** The port groups' name, once all hosts have them. */
  readonly name: pulumi.Output<string>;
  /** The port group of each host, by the host's name. That of `esxi:host` has the name `esxi:host`. */
  readonly portGroups: Readonly<Record<string, PortGroup>>;

  /** @throws RunError for a host that is named twice. */
  constructor(name: string, args: LabNetworkArgs, options?: pulumi.ComponentResourceOptions) {
    const given = argsOf("LabNetwork", name, args);
    refuseOtherForms(
      `LabNetwork "${name}"`,
      { hosts: given.hosts },
      { hosts: list('["lab1", "lab2"]', TEXT) },
    );
    super("esxi:index:LabNetwork", name, {}, options);
    const { hosts, name: called = name, ...settings } = given;
    const twice = hosts?.find((host, index) => hosts.indexOf(host) !== index);
    if (twice !== undefined) throw new pulumi.RunError(`LabNetwork "${name}": hosts names "${twice}" twice.`);
    this.portGroups = Object.fromEntries(
      (hosts?.filter((host) => !isGone(host)) ?? [undefined]).map((host) => {
        const logical = host === undefined ? name : `${name}-${host}`;
        return [
          placeId({ host }),
          new PortGroup(logical, { ...settings, name: called, host }, { parent: this }),
        ];
      }),
    );
    const made = Object.values(this.portGroups).map((portGroup) => portGroup.name);
    this.name = pulumi.all(made).apply(() => called);
    this.registerOutputs({ name: this.name });
  }

  /**
   * The network's name for a machine on one host. It waits for that host's port group, and for no other.
   * @param host As `Placement.hostOf` gives it. Undefined for the host of `esxi:host`.
   * @throws RunError, when the program runs, for a host that is not in `hosts`.
   */
  on(host: pulumi.Input<string | undefined>): pulumi.Output<string> {
    return pulumi.output(host).apply((one) => {
      const portGroup = this.portGroups[placeId({ host: one })];
      if (portGroup !== undefined) return portGroup.name;
      throw new pulumi.RunError(
        `A LabNetwork has no port group on ${placeId({ host: one })}. It is on ${Object.keys(this.portGroups).join(", ")}. Add the host to hosts.`,
      );
    });
  }
}
