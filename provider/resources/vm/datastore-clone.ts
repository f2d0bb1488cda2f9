import * as pulumi from "@pulumi/pulumi";
import { argsOf } from "../frame/given-args.ts";
import type { DiskProvisioning } from "./ova-deployment.ts";
import type { VmArgs } from "./vm-args.ts";
import { VmResource } from "./vm-resource.ts";

/** The source of a {@link DatastoreClone}, and how it is cloned. */
export interface DatastoreCloneArgs extends VmArgs {
  /**
   * The virtual machine to clone, on the same host. Give a resource of this package, or the name, the instance UUID or
   * the datastore path of a machine that Pulumi does not manage. Another one replaces the clone.
   */
  source: pulumi.Input<string> | VmResource;
  /**
   * `full` (default): the clone has its own disks, copied on the host. `linked`: its disks hold only what differs from
   * the source's, and it is made in seconds. The source must then stay off and unchanged while the clone exists.
   * Changing it replaces the clone.
   */
  mode?: pulumi.Input<"full" | "linked"> | undefined;
  /**
   * The way to change the host: `api` (needs a licence with API access), `ssh` (any licence), or `auto`, which is the
   * API if the licence allows it. Default: `esxi:transport` of the configuration, otherwise `auto`.
   */
  transport?: pulumi.Input<"auto" | "api" | "ssh"> | undefined;
  /**
   * Folder for the clone's files, below the datastore's root. It must not exist, or it must be empty. Default: the host
   * chooses one after the clone's name. Changing it moves a full clone, as another `datastore` does. A linked clone
   * would be replaced, which is refused at preview without `allowReplace`.
   */
  folder?: pulumi.Input<string> | undefined;
  /** How the disks of a full clone take their space. Default `thin`. Changing it replaces the clone. */
  diskProvisioning?: pulumi.Input<DiskProvisioning> | undefined;
  /**
   * What to do if the source of a full clone is powered on. `refuse` (default) is an error. `snapshot` copies the disks
   * from a snapshot, as after a power failure. The snapshot is removed afterwards.
   */
  poweredOnSource?: pulumi.Input<"refuse" | "snapshot"> | undefined;
}

/** The source of a clone. */
export interface ClonedFrom {
  readonly name: string;
  readonly instanceUuid: string;
  readonly vmxPath: string;
}

/**
 * A virtual machine cloned on its host, without vCenter. No byte of a disk passes through this machine. The clone has
 * its own identity (UUIDs, MAC addresses), and the host asks no question when it is powered on. Information for the
 * source's guest (`guestinfo.*`) is not copied.
 *
 * Fails, before anything is written, if the source cannot be cloned: it is encrypted, has a virtual TPM, or has a raw
 * device in physical mode. Also if it is powered on, unless `poweredOnSource` allows that. A linked clone must be on
 * the datastore of its source. A machine with linked clones is neither deleted nor powered on.
 *
 * @example
 * ```ts
 * const golden = new OvaDeployment("golden", { ovaPath: "images/tinyVM.ova", powerOn: false });
 * for (let i = 1; i <= 20; i++) {
 *   new DatastoreClone(`student-${i}`, { source: golden, mode: "linked" });
 * }
 * ```
 */
export class DatastoreClone extends VmResource {
  /** The class name for Pulumi's policies. @internal */
  static readonly __pulumiType = "pulumi-nodejs:esxi:DatastoreClone";

  /** `full` or `linked`. */
  declare readonly mode: pulumi.Output<string>;
  /** The machine that was cloned. */
  declare readonly clonedFrom: pulumi.Output<ClonedFrom>;

  /**
   * @param name The logical name. Also the VM's name unless `args.name` gives another.
   * @throws PlainPasswordError if the stack's configuration holds a password that is not a secret.
   */
  constructor(name: string, args: DatastoreCloneArgs, options?: pulumi.CustomResourceOptions) {
    const given = argsOf("DatastoreClone", name, args);
    const { source } = given;
    // Because of the resource's output, Pulumi makes the source first and deletes it last.
    const uuid = pulumi.CustomResource.isInstance(source) ? source.instanceUuid : source;
    const inputs = { ...given, source: uuid };
    super("DatastoreClone", name, inputs, options, ["mode", "clonedFrom"]);
  }
}
