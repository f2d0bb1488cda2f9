import * as pulumi from "@pulumi/pulumi";
import { contentSource } from "../../program/content-source.ts";
import { EsxiResource } from "../../program/esxi-resource.ts";
import { secretUrl } from "../../program/secret-url.ts";
import { argsOf } from "../frame/given-args.ts";
import type { AdoptArgs, HostResourceArgs } from "../frame/host-resource-args.ts";

/** Which file a {@link DatastoreFile} is, and what it holds. */
export interface DatastoreFileArgs extends HostResourceArgs, AdoptArgs {
  /**
   * Where on the datastore, `iso/Core-5.4.iso`; folders above it are made. No `.vmdk`: hosts take such a file for a
   * virtual disk. Changing it replaces the file.
   */
  path: pulumi.Input<string>;
  /** The datastore's name. Default: the host's only one. Changing it replaces the file. */
  datastore?: pulumi.Input<string | undefined> | undefined;
  /**
   * Local path, relative to the folder of `Pulumi.yaml`, or `http(s)` URL. What counts is what it holds: another path to
   * the same bytes changes nothing, other bytes replace the file's content in place. A URL with a user, a password or a
   * query is kept as a secret. Either this or `content`.
   */
  source?: pulumi.Input<string> | undefined;
  /**
   * What the file is to hold, at most 16 MiB, in place of `source`: a text, or bytes such as those of `seedIso`. Always kept as
   * a secret, and compressed in state. Other content replaces that of the file in place. For example
   * `seedIso({ guest: { hostname: "web" } })`.
   */
  content?: pulumi.Input<string | Uint8Array> | undefined;
  /**
   * SHA-256 that the content must have, 64 hex digits. Compared while uploading: if it differs, nothing is left on the
   * host. Default: not compared. Another one replaces the content in place.
   */
  sha256?: pulumi.Input<string> | undefined;
}

/**
 * A file on a datastore: an ISO image, a seed for cloud-init, anything but a virtual disk. It is uploaded in one pass to
 * another name and gets its own when it is whole and its digest is right, so there is never half a file under its name.
 *
 * Fails for a file that is there already, unless `adopt` is set; on deleting it, or changing it while they run, if
 * virtual machines use it, with their names; and if somebody else has changed it since Pulumi looked last. Folders
 * above it stay when it is deleted: make those a {@link DatastoreFolder} that are to go too.
 *
 * @example
 * ```ts
 * const iso = new DatastoreFile("core", { path: "iso/Core-5.4.iso", source: "images/Core-5.4.iso" });
 * export const path = iso.datastorePath; // [datastore1] iso/Core-5.4.iso
 * ```
 */
export class DatastoreFile extends EsxiResource {
  /** What Pulumi's policies know the class by. @internal */
  static readonly __pulumiType = "pulumi-nodejs:esxi:DatastoreFile";

  /** Where it is, as a CD-ROM takes it: `[datastore1] iso/Core-5.4.iso`; also the resource's id. */
  declare readonly datastorePath: pulumi.Output<string>;
  /** Path below the datastore. */
  declare readonly path: pulumi.Output<string>;
  /** The datastore's name. */
  declare readonly datastore: pulumi.Output<string>;
  /** In bytes. */
  declare readonly size: pulumi.Output<number>;
  /** SHA-256 in lower-case hex; empty after a refresh has seen that somebody else changed the file. */
  declare readonly sha256: pulumi.Output<string>;
  /** When it was changed last, as the host writes it. */
  declare readonly modified: pulumi.Output<string>;
  /** Hardware UUID of the host that has it. */
  declare readonly hostUuid: pulumi.Output<string>;

  /**
   * @throws PlainPasswordError if the stack's configuration holds a password that is not a secret.
   * @throws RunError for both `source` and `content`, and for more than 16 MiB of it.
   */
  constructor(name: string, args: DatastoreFileArgs, options?: pulumi.CustomResourceOptions) {
    const { source, content, ...rest } = argsOf("DatastoreFile", name, args);
    if (source !== undefined && content !== undefined) {
      throw new pulumi.RunError(`"${name}": source and content say what one file holds: use one of the two.`);
    }
    const from = content === undefined ? source && secretUrl(source) : contentSource(content);
    const inputs = { ...rest, source: from };
    const outputs = ["datastorePath", "datastore", "size", "sha256", "modified", "hostUuid"];
    super("DatastoreFile", name, inputs, outputs, options);
    this.datastorePath = this.id;
  }
}
