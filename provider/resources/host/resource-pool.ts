import type * as pulumi from "@pulumi/pulumi";
import { EsxiResource } from "../../program/esxi-resource.ts";
import { argsOf } from "../frame/given-args.ts";
import type { AdoptArgs, HostResourceArgs } from "../frame/host-resource-args.ts";
import type { ShareLevel } from "../vm/settings/allocation.ts";

/** Which {@link ResourcePool}, and what it is to be like. */
export interface ResourcePoolArgs extends HostResourceArgs, AdoptArgs {
  /** The pool's name: 1–80 characters. Default: the resource's logical name. Changed in place. */
  name?: pulumi.Input<string> | undefined;
  /**
   * The pool that it is in, by its name, or by its path where several have that name: `students/group-1`. Default: the
   * host's root pool. Changed in place: the pool moves with all that is in it.
   */
  parentResourcePool?: pulumi.Input<string> | undefined;
  /** CPU that it has for sure, in MHz. Default 0. Changed in place. */
  cpuReservation?: pulumi.Input<number> | undefined;
  /** Whether it may reserve more CPU, of what its parent has left. Default true. Changed in place. */
  cpuExpandable?: pulumi.Input<boolean> | undefined;
  /** CPU that it has at most, in MHz; -1 (default) for no limit. Changed in place. */
  cpuLimit?: pulumi.Input<number> | undefined;
  /** Its part of the CPU when there is not enough. Default `normal`. Changed in place. */
  cpuShareLevel?: pulumi.Input<ShareLevel> | undefined;
  /** With `custom`: the number, 1–1000000; `normal` is 4000. Changed in place. */
  cpuShares?: pulumi.Input<number> | undefined;
  /** Memory that it has for sure, in MB. Default 0. Changed in place. */
  memoryReservation?: pulumi.Input<number> | undefined;
  /** Whether it may reserve more memory, of what its parent has left. Default true. Changed in place. */
  memoryExpandable?: pulumi.Input<boolean> | undefined;
  /** Memory that it has at most, in MB; -1 (default) for no limit. Changed in place. */
  memoryLimit?: pulumi.Input<number> | undefined;
  /** Its part of the memory when there is not enough. Default `normal`. Changed in place. */
  memoryShareLevel?: pulumi.Input<ShareLevel> | undefined;
  /** With `custom`: the number, 1–10000000; `normal` is 163840. Changed in place. */
  memoryShares?: pulumi.Input<number> | undefined;
}

/**
 * A resource pool: a part of the host's CPU and memory for the VMs in it.
 *
 * Fails for a name that its parent has already, unless it is to be adopted, and for a reservation that the parent has not
 * left. A pool with VMs or pools in it is not deleted: the message says which.
 *
 * @example
 * ```ts
 * const students = new ResourcePool("students", { cpuLimit: 8000, memoryLimit: 32768 });
 * new OvaDeployment("web", { ovaPath: "web.ova", resourcePool: students.path });
 * ```
 */
export class ResourcePool extends EsxiResource {
  /** What Pulumi's policies know the class by. @internal */
  static readonly __pulumiType = "pulumi-nodejs:esxi:ResourcePool";

  /** Its name. */
  declare readonly name: pulumi.Output<string>;
  /** Names from below the root pool down to this one: what VMs take as `resourcePool`. */
  declare readonly path: pulumi.Output<string>;
  /** The host's id of it; also the resource's id. */
  declare readonly moid: pulumi.Output<string>;
  /** Hardware UUID of the host. */
  declare readonly hostUuid: pulumi.Output<string>;

  /** @throws PlainPasswordError if the stack's configuration holds a password that is not a secret. */
  constructor(name: string, args: ResourcePoolArgs = {}, options?: pulumi.CustomResourceOptions) {
    const given = argsOf("ResourcePool", name, args);
    super(
      "ResourcePool",
      name,
      { ...given, name: given.name ?? name },
      ["path", "moid", "hostUuid"],
      options,
    );
    this.moid = this.id;
  }
}
