import * as pulumi from "@pulumi/pulumi";
import { EsxiResource } from "../../program/esxi-resource.ts";
import { argsOf } from "../frame/given-args.ts";
import type { AdoptArgs, HostResourceArgs } from "../frame/host-resource-args.ts";
import type { VmResource } from "./vm-resource.ts";

/** The machine of a {@link VmSnapshot}, and how it is taken. */
export interface VmSnapshotArgs extends HostResourceArgs, AdoptArgs {
  /**
   * The virtual machine, on the same host. Give a resource of this package, or the name, the instance UUID or the
   * datastore path of a machine that Pulumi does not manage. Another one replaces the snapshot.
   */
  vm: pulumi.Input<string> | VmResource;
  /** The snapshot's name, 1–80 characters. Default: the resource's logical name. Changed in place. */
  name?: pulumi.Input<string> | undefined;
  /** The snapshot's description. Default: none. Changed in place. */
  description?: pulumi.Input<string> | undefined;
  /**
   * Whether to keep the memory of a machine that runs, so that it goes on running after a revert. Default false.
   * Changing it takes a new snapshot instead of this one, and the state in this one is lost.
   */
  memory?: pulumi.Input<boolean> | undefined;
  /**
   * Whether VMware Tools bring the file systems of a machine that runs to rest first. Default false. Changing it takes
   * a new snapshot instead of this one, and the state in this one is lost.
   */
  quiesce?: pulumi.Input<boolean> | undefined;
}

/**
 * A snapshot of a virtual machine: its disks as they are now, to revert to later. Deleting it removes only this
 * snapshot. Later changes of the machine and later snapshots stay.
 *
 * Making it fails if another snapshot of the machine has the name, unless `adopt` is set. Deleting it fails while disks
 * of linked clones build on the machine's, with their names.
 *
 * @example
 * ```ts
 * const web = new OvaDeployment("web", { ovaPath: "images/tinyVM.ova" });
 * new VmSnapshot("clean", { vm: web, description: "before the course" });
 * ```
 */
export class VmSnapshot extends EsxiResource {
  /** The class name for Pulumi's policies. @internal */
  static readonly __pulumiType = "pulumi-nodejs:esxi:VmSnapshot";

  /** The snapshot's name. */
  declare readonly name: pulumi.Output<string>;
  /** The snapshot's description. */
  declare readonly description: pulumi.Output<string>;
  /** The snapshot's managed object id on its host. */
  declare readonly snapshotMoid: pulumi.Output<string>;
  /** When it was taken, as the host writes it. */
  declare readonly createTime: pulumi.Output<string>;
  /** Name of the virtual machine. */
  declare readonly vmName: pulumi.Output<string>;
  /** Instance UUID of the virtual machine. */
  declare readonly vmInstanceUuid: pulumi.Output<string>;
  /** Hardware UUID of the host that has it. */
  declare readonly hostUuid: pulumi.Output<string>;

  /** @throws PlainPasswordError if the stack's configuration holds a password that is not a secret. */
  constructor(name: string, args: VmSnapshotArgs, options?: pulumi.CustomResourceOptions) {
    const given = argsOf("VmSnapshot", name, args);
    const { vm } = given;
    super(
      "VmSnapshot",
      name,
      // Because of the resource's output, Pulumi takes the snapshot after the machine is made, and removes it before.
      { ...given, name: given.name ?? name, vm: pulumi.CustomResource.isInstance(vm) ? vm.instanceUuid : vm },
      ["description", "snapshotMoid", "createTime", "vmName", "vmInstanceUuid", "hostUuid"],
      options,
    );
  }
}
