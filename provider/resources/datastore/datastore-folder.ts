import type * as pulumi from "@pulumi/pulumi";
import { EsxiResource } from "../../program/esxi-resource.ts";
import { argsOf } from "../frame/given-args.ts";
import type { AdoptArgs, HostResourceArgs } from "../frame/host-resource-args.ts";

/** The place of a {@link DatastoreFolder}, and how it is deleted. */
export interface DatastoreFolderArgs extends HostResourceArgs, AdoptArgs {
  /** Path on the datastore, `iso/linux`. Folders above it are made. Changing it replaces the folder. */
  path: pulumi.Input<string>;
  /** The datastore's name. Default: the host's only one. Changing it replaces the folder. */
  datastore?: pulumi.Input<string | undefined> | undefined;
  /**
   * What deleting the folder does with its content. False (default): only an empty folder is deleted. True: everything
   * in it is deleted too, unless a virtual machine uses some of it. Changing it changes nothing on the host.
   */
  forceDestroy?: pulumi.Input<boolean> | undefined;
}

/**
 * A folder on a datastore. Making it fails if the folder exists already, unless `adopt` is set. Deleting it fails if
 * there is something in it, with the names. Folders above it stay when it is deleted.
 *
 * @example
 * ```ts
 * const folder = new DatastoreFolder("iso", { path: "iso" });
 * new DatastoreFile("core", { path: pulumi.interpolate`${folder.path}/Core-5.4.iso`, source: "images/Core-5.4.iso" });
 * ```
 */
export class DatastoreFolder extends EsxiResource {
  /** The class name for Pulumi's policies. @internal */
  static readonly __pulumiType = "pulumi-nodejs:esxi:DatastoreFolder";

  /** Its path, `[datastore1] iso`. Also the resource's id. */
  declare readonly datastorePath: pulumi.Output<string>;
  /** Path below the datastore. Use it for things in the folder, because Pulumi then deletes those first. */
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
