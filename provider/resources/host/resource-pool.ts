import type * as pulumi from "@pulumi/pulumi";
import { EsxiResource } from "../../program/esxi-resource.ts";
import { argsOf } from "../frame/given-args.ts";
import type { AdoptArgs, HostResourceArgs } from "../frame/host-resource-args.ts";
import type { ShareLevel } from "../vm/settings/allocation.ts";

/** The settings of a {@link ResourcePool}. */
export interface ResourcePoolArgs extends HostResourceArgs, AdoptArgs {
  /** The pool's name: 1–80 characters. Default: the resource's logical name. Changed in place. */
  name?: pulumi.Input<string> | undefined;
  /**
   * The pool that it is in, by its name, or by its path if several have that name: `students/group-1`. Default: the
   * host's root pool. Changed in place: the pool moves with all that is in it.
   */
  parentResourcePool?: pulumi.Input<string> | undefined;
  /** Guaranteed CPU, in MHz. Default 0. Changed in place. */
  cpuReservation?: pulumi.Input<number> | undefined;
  /** Whether it may reserve more CPU, if its parent has some left. Default true. Changed in place. */
  cpuExpandable?: pulumi.Input<boolean> | undefined;
  /** The most CPU, in MHz. -1 (default) means no limit. Changed in place. */
  cpuLimit?: pulumi.Input<number> | undefined;
  /** Its share of the CPU when CPU is short. Default `normal`. Changed in place. */
  cpuShareLevel?: pulumi.Input<ShareLevel> | undefined;
  /** With `custom`: the number, 1–1000000; `normal` is 4000. Changed in place. */
  cpuShares?: pulumi.Input<number> | undefined;
  /** Guaranteed memory, in MB. Default 0. Changed in place. */
  memoryReservation?: pulumi.Input<number> | undefined;
  /** Whether it may reserve more memory, if its parent has some left. Default true. Changed in place. */
  memoryExpandable?: pulumi.Input<boolean> | undefined;
  /** The most memory, in MB. -1 (default) means no limit. Changed in place. */
  memoryLimit?: pulumi.Input<number> | undefined;
  /** Its share of the memory when memory is short. Default `normal`. Changed in place. */
  memoryShareLevel?: pulumi.Input<ShareLevel> | undefined;
  /** With `custom`: the number, 1–10000000; `normal` is 163840. Changed in place. */
  memoryShares?: pulumi.Input<number> | undefined;
}

/**
 * A resource pool: a part of the host's CPU and memory for the VMs in it.
 *
 * Making it fails if its parent has a pool of that name already, unless it is to be adopted, or if the parent has not
 * enough left for its reservation. Deleting it fails if VMs or pools are in it. The message says which.
 *
 * @example
 * ```ts
 * const students = new ResourcePool("students", { cpuLimit: 8000, memoryLimit: 32768 });
 * new OvaDeployment("web", { ovaPath: "web.ova", resourcePool: students.path });
 * ```
 */
export class ResourcePool extends EsxiResource {
  /** The class name for Pulumi's policies. @internal */
  static readonly __pulumiType = "pulumi-nodejs:esxi:ResourcePool";

  /** Its name. */
  declare readonly name: pulumi.Output<string>;
  /** The names below the root pool, down to this one. VMs take it as `resourcePool`. */
  declare readonly path: pulumi.Output<string>;
  /** The host's id for it. Also the resource's id. */
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
