import * as pulumi from "@pulumi/pulumi";
import { argsOf } from "../frame/given-args.ts";
import type { DiskProvisioning } from "./ova-deployment.ts";
import type { VmArgs } from "./vm-args.ts";
import { VmResource } from "./vm-resource.ts";

/** What a {@link DatastoreClone} is made from and how. */
export interface DatastoreCloneArgs extends VmArgs {
  /**
   * The virtual machine to clone, on the same host: a resource of this package, or the name, the instance UUID or the
   * datastore path of one that Pulumi does not manage. Another one replaces the clone.
   */
  source: pulumi.Input<string> | VmResource;
  /**
   * `full` (default): disks of its own, copied at the host. `linked`: disks that hold only what differs from the
   * source's, made in seconds; the source must stay off and as it is for as long as the clone lives. Changing it
   * replaces the clone.
   */
  mode?: pulumi.Input<"full" | "linked"> | undefined;
  /**
   * How the host is made to do it: `api` (needs a licence with API access), `ssh` (any licence), or
   * `auto`, which is the API where the licence allows it. Default: `esxi:transport` of the configuration, else `auto`.
   */
  transport?: pulumi.Input<"auto" | "api" | "ssh"> | undefined;
  /**
   * Folder for the clone's files, below the datastore's root; it must not exist or be empty. Default: named after the
   * clone by the host. Changing it moves a full clone, as another `datastore` does; a linked one would be replaced, which is
   * refused at preview without `allowReplace`.
   */
  folder?: pulumi.Input<string> | undefined;
  /** Of a full clone's disks. Default `thin`. Changing it replaces the clone. */
  diskProvisioning?: pulumi.Input<DiskProvisioning> | undefined;
  /**
   * What to do if the source of a full clone is powered on: `refuse` (default), or `snapshot`: copy the disks as after
   * a power failure, from a snapshot that is removed afterwards.
   */
  poweredOnSource?: pulumi.Input<"refuse" | "snapshot"> | undefined;
}

/** What a clone was made from. */
export interface ClonedFrom {
  readonly name: string;
  readonly instanceUuid: string;
  readonly vmxPath: string;
}

/**
 * A virtual machine cloned on its host, without vCenter: no byte of a disk comes through this machine. The clone has
 * an identity of its own (UUIDs, MAC addresses) and asks no question when it is powered on. What was told to the
 * source's guest (`guestinfo.*`) is not inherited.
 *
 * Fails, before anything is written, for a source that cannot be cloned: encrypted, with a virtual TPM, with a raw
 * device in physical mode; powered on, unless `poweredOnSource` says otherwise; for a linked clone over SSH, or on
 * another datastore than its source. A machine with living linked clones is neither deleted nor powered on.
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
  /** What Pulumi's policies know the class by. @internal */
  static readonly __pulumiType = "pulumi-nodejs:esxi:DatastoreClone";

  /** `full` or `linked`. */
  declare readonly mode: pulumi.Output<string>;
  /** What it was cloned from. */
  declare readonly clonedFrom: pulumi.Output<ClonedFrom>;

  /**
   * @param name The logical name; also the VM's name unless `args.name` says otherwise.
   * @throws PlainPasswordError if the stack's configuration holds a password that is not a secret.
   */
  constructor(name: string, args: DatastoreCloneArgs, options?: pulumi.CustomResourceOptions) {
    const given = argsOf("DatastoreClone", name, args);
    const { source } = given;
    // The output of a resource makes Pulumi build it first, and delete it last.
    const uuid = pulumi.CustomResource.isInstance(source) ? source.instanceUuid : source;
    const inputs = { ...given, source: uuid };
    super("DatastoreClone", name, inputs, options, ["mode", "clonedFrom"]);
  }
}
