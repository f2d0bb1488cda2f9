import type * as pulumi from "@pulumi/pulumi";
import { EsxiResource } from "../../program/esxi-resource.ts";
import { argsOf } from "../frame/given-args.ts";
import type { AdoptArgs, HostResourceArgs } from "../frame/host-resource-args.ts";

/** Which folder a {@link DatastoreFolder} is. */
export interface DatastoreFolderArgs extends HostResourceArgs, AdoptArgs {
  /** Where on the datastore, `iso/linux`; folders above it are made. Changing it replaces the folder. */
  path: pulumi.Input<string>;
  /** The datastore's name. Default: the host's only one. Changing it replaces the folder. */
  datastore?: pulumi.Input<string | undefined> | undefined;
  /**
   * What deleting the folder does with what is in it. False (default): the folder is only deleted if it is empty. True:
   * everything in it is deleted too, unless a virtual machine uses some of it. Changing it changes nothing on the host.
   */
  forceDestroy?: pulumi.Input<boolean> | undefined;
}

/**
 * A folder on a datastore. Fails for one that is there already, unless `adopt` is set; and on deleting it if there is
 * something in it, with names. Folders above it stay when it is deleted.
 *
 * @example
 * ```ts
 * const folder = new DatastoreFolder("iso", { path: "iso" });
 * new DatastoreFile("core", { path: pulumi.interpolate`${folder.path}/Core-5.4.iso`, source: "images/Core-5.4.iso" });
 * ```
 */
export class DatastoreFolder extends EsxiResource {
  /** What Pulumi's policies know the class by. @internal */
  static readonly __pulumiType = "pulumi-nodejs:esxi:DatastoreFolder";

  /** Where it is, `[datastore1] iso`; also the resource's id. */
  declare readonly datastorePath: pulumi.Output<string>;
  /** Path below the datastore; of use for what is to be in it, because Pulumi then deletes that first. */
  declare readonly path: pulumi.Output<string>;
  /** The datastore's name. */
  declare readonly datastore: pulumi.Output<string>;
  /** Hardware UUID of the host that has it. */
  declare readonly hostUuid: pulumi.Output<string>;

  /** @throws PlainPasswordError if the stack's configuration holds a password that is not a secret. */
  constructor(name: string, args: DatastoreFolderArgs, options?: pulumi.CustomResourceOptions) {
    super(
      "DatastoreFolder",
      name,
      { ...argsOf("DatastoreFolder", name, args) },
      ["datastorePath", "datastore", "hostUuid"],
      options,
    );
    this.datastorePath = this.id;
  }
}
