import * as pulumi from "@pulumi/pulumi";
import { contentSource } from "../../program/content-source.ts";
import { EsxiResource } from "../../program/esxi-resource.ts";
import { secretUrl } from "../../program/secret-url.ts";
import { argsOf } from "../frame/given-args.ts";
import type { AdoptArgs, HostResourceArgs } from "../frame/host-resource-args.ts";

/** The place and the content of a {@link DatastoreFile}. */
export interface DatastoreFileArgs extends HostResourceArgs, AdoptArgs {
  /**
   * Path on the datastore, `iso/Core-5.4.iso`. Folders above it are made. `.vmdk` is not allowed, because hosts treat
   * such a file as a virtual disk. Changing it replaces the file.
   */
  path: pulumi.Input<string>;
  /** The datastore's name. Default: the host's only one. Changing it replaces the file. */
  datastore?: pulumi.Input<string | undefined> | undefined;
  /**
   * Local path, relative to the folder of `Pulumi.yaml`, or `http(s)` URL. Only its content counts: another path to the
   * same bytes changes nothing, and other bytes replace the file's content in place. A URL with a user, a password or a
   * query is kept as a secret. Give either this or `content`.
   */
  source?: pulumi.Input<string> | undefined;
  /**
   * The content of the file instead of `source`, at most 16 MiB: a text, or bytes such as those of `seedIso`. Always
   * kept as a secret, and compressed in state. Other content replaces that of the file in place. For example
   * `seedIso({ guest: { hostname: "web" } })`.
   */
  content?: pulumi.Input<string | Uint8Array> | undefined;
  /**
   * The expected SHA-256 of the content, 64 hex digits. Compared during the upload: if it differs, nothing is left on
   * the host. Default: not compared. Another value replaces the content in place.
   */
  sha256?: pulumi.Input<string> | undefined;
}

/**
 * A file on a datastore: an ISO image, a seed for cloud-init, anything but a virtual disk. It is uploaded in one pass
 * under another name, and gets its own name when it is whole and its digest is right. So there is never half a file
 * under its name.
 *
 * Making it fails if the file exists already, unless `adopt` is set. Deleting it, or changing it while they run, fails
 * if virtual machines use it, with their names. Both fail if somebody else has changed it since Pulumi looked last.
 * Folders above it stay when it is deleted. Use a {@link DatastoreFolder} for folders that are to be deleted too.
 *
 * @example
 * ```ts
 * const iso = new DatastoreFile("core", { path: "iso/Core-5.4.iso", source: "images/Core-5.4.iso" });
 * export const path = iso.datastorePath; // [datastore1] iso/Core-5.4.iso
 * ```
 */
export class DatastoreFile extends EsxiResource {
  /** The class name for Pulumi's policies. @internal */
  static readonly __pulumiType = "pulumi-nodejs:esxi:DatastoreFile";

  /** Its path, as a CD-ROM takes it: `[datastore1] iso/Core-5.4.iso`. Also the resource's id. */
  declare readonly datastorePath: pulumi.Output<string>;
  /** Path below the datastore. */
  declare readonly path: pulumi.Output<string>;
  /** The datastore's name. */
  declare readonly datastore: pulumi.Output<string>;
  /** In bytes. */
  declare readonly size: pulumi.Output<number>;
  /** SHA-256 in lower-case hex. Empty after a refresh has seen that somebody else changed the file. */
  declare readonly sha256: pulumi.Output<string>;
  /** When it was changed last, as the host writes it. */
  declare readonly modified: pulumi.Output<string>;
  /** Hardware UUID of the host that has it. */
  declare readonly hostUuid: pulumi.Output<string>;

  /**
   * @throws PlainPasswordError if the stack's configuration holds a password that is not a secret.
   * @throws RunError if both `source` and `content` are given, or if the content has more than 16 MiB.
   */
  constructor(name: string, args: DatastoreFileArgs, options?: pulumi.CustomResourceOptions) {
    const { source, content, ...rest } = argsOf("DatastoreFile", name, args);
    if (source !== undefined && content !== undefined) {
      throw new pulumi.RunError(
        `"${name}": source and content both give the file's content: use one of the two.`,
      );
    }
    const from = content === undefined ? source && secretUrl(source) : contentSource(content);
    const inputs = { ...rest, source: from };
    const outputs = ["datastorePath", "datastore", "size", "sha256", "modified", "hostUuid"];
    super("DatastoreFile", name, inputs, outputs, options);
    this.datastorePath = this.id;
  }
}
