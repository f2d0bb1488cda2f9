import type * as pulumi from "@pulumi/pulumi";
import { EsxiResource } from "../../program/esxi-resource.ts";
import { argsOf } from "../frame/given-args.ts";
import type { HostResourceArgs } from "../frame/host-resource-args.ts";

/** The settings of a {@link HostService}. */
export interface HostServiceArgs extends HostResourceArgs {
  /**
   * The service's key (`TSM-SSH`, `TSM`, `ntpd`) or label (`SSH`), upper or lower case. Naming another service replaces
   * the resource, and the first service gets back the settings that it had before.
   */
  service: pulumi.Input<string>;
  /** Whether it runs. Default: left as it is. Changed in place. */
  running?: pulumi.Input<boolean> | undefined;
  /**
   * Whether it starts with the host: `on`, `off`, or `automatic` (when its firewall ports are open). Default: left as
   * it is. Changed in place.
   */
  policy?: pulumi.Input<"on" | "off" | "automatic"> | undefined;
}

/**
 * A service of the host, such as SSH: whether it runs, and whether it starts with the host. A host always has its
 * services, so none is made or removed. Deleting the resource gives the service back the settings that it had before.
 *
 * Fails if the host does not have the service, with the list of its services.
 *
 * @example
 * ```ts
 * new HostService("ssh", { service: "TSM-SSH", running: true, policy: "on" });
 * ```
 */
export class HostService extends EsxiResource {
  /** The class name for Pulumi's policies. @internal */
  static readonly __pulumiType = "pulumi-nodejs:esxi:HostService";

  /** The service's key on the host. Also the resource's id. */
  declare readonly key: pulumi.Output<string>;
  /** Its name in the host's client. */
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
