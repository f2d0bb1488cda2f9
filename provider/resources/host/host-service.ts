import type * as pulumi from "@pulumi/pulumi";
import { EsxiResource } from "../../program/esxi-resource.ts";
import { argsOf } from "../frame/given-args.ts";
import type { HostResourceArgs } from "../frame/host-resource-args.ts";

/** Which {@link HostService}, and what it is to be like. */
export interface HostServiceArgs extends HostResourceArgs {
  /**
   * The service's key (`TSM-SSH`, `TSM`, `ntpd`) or label (`SSH`), upper or lower case. Naming another service replaces
   * the resource: the first one is put back as it was found.
   */
  service: pulumi.Input<string>;
  /** Whether it runs. Default: left as it is. Changed in place. */
  running?: pulumi.Input<boolean> | undefined;
  /**
   * Whether it starts with the host: `on`, `off`, or `automatic` (when its firewall ports are open). Default: left as it
   * is. Changed in place.
   */
  policy?: pulumi.Input<"on" | "off" | "automatic"> | undefined;
}

/**
 * A service of the host, such as SSH: whether it runs, and whether it starts with the host. Hosts have their services
 * from the start, so none is made or removed: deleting the resource puts back what it has changed as it was found.
 *
 * Fails for a service that the host does not have, with the list of those it has; and where the licence allows no changes
 * through the API.
 *
 * @example
 * ```ts
 * new HostService("ssh", { service: "TSM-SSH", running: true, policy: "on" });
 * ```
 */
export class HostService extends EsxiResource {
  /** What Pulumi's policies know the class by. @internal */
  static readonly __pulumiType = "pulumi-nodejs:esxi:HostService";

  /** The service's key on the host; also the resource's id. */
  declare readonly key: pulumi.Output<string>;
  /** What the host's client calls it. */
  declare readonly label: pulumi.Output<string>;
  /** Whether it runs. */
  declare readonly running: pulumi.Output<boolean>;
  /** `on`, `off` or `automatic`. */
  declare readonly policy: pulumi.Output<string>;
  /** Hardware UUID of the host. */
  declare readonly hostUuid: pulumi.Output<string>;

  /** @throws PlainPasswordError if the stack's configuration holds a password that is not a secret. */
  constructor(name: string, args: HostServiceArgs, options?: pulumi.CustomResourceOptions) {
    super(
      "HostService",
      name,
      { ...argsOf("HostService", name, args) },
      ["label", "running", "policy", "hostUuid"],
      options,
    );
    this.key = this.id;
  }
}
