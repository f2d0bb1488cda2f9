import * as pulumi from "@pulumi/pulumi";
import { EsxiResource } from "../../program/esxi-resource.ts";
import { argsOf } from "../frame/given-args.ts";
import type { AdoptArgs, HostResourceArgs } from "../frame/host-resource-args.ts";
import type { VmResource } from "./vm-resource.ts";

/** What a {@link VmSnapshot} is of, and how it is taken. */
export interface VmSnapshotArgs extends HostResourceArgs, AdoptArgs {
  /**
   * The virtual machine, on the same host: a resource of this package, or the name, the instance UUID or the datastore
   * path of one that Pulumi does not manage. Another one replaces the snapshot.
   */
  vm: pulumi.Input<string> | VmResource;
  /** 1–80 characters. Default: the resource's logical name. Changed in place. */
  name?: pulumi.Input<string> | undefined;
  /** Default: none. Changed in place. */
  description?: pulumi.Input<string> | undefined;
  /**
   * Whether to keep the memory of a machine that runs, so that going back to the snapshot lets it run on. Default false.
   * Changing it takes a new snapshot in place of this one, whose state is then lost.
   */
  memory?: pulumi.Input<boolean> | undefined;
  /**
   * Whether VMware Tools are to bring the file systems of a machine that runs to rest first. Default false. Changing it
   * takes a new snapshot in place of this one, whose state is then lost.
   */
  quiesce?: pulumi.Input<boolean> | undefined;
}

/**
 * A snapshot of a virtual machine: its disks as they are now, to go back to. Deleting it removes this snapshot only, and
 * what the machine has changed since stays; later snapshots stay too.
 *
 * Fails for a name that another snapshot of the machine has, unless `adopt` is set; and on deleting it while the disks of
 * linked clones build on the machine's, with their names.
 *
 * @example
 * ```ts
 * const web = new OvaDeployment("web", { ovaPath: "images/tinyVM.ova" });
 * new VmSnapshot("clean", { vm: web, description: "before the course" });
 * ```
 */
export class VmSnapshot extends EsxiResource {
  /** What Pulumi's policies know the class by. @internal */
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
      // The output of a resource makes Pulumi take the snapshot after it, and remove it before.
      { ...given, name: given.name ?? name, vm: pulumi.CustomResource.isInstance(vm) ? vm.instanceUuid : vm },
      ["description", "snapshotMoid", "createTime", "vmName", "vmInstanceUuid", "hostUuid"],
      options,
    );
  }
}
