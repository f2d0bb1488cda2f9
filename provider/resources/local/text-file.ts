import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { EsxiResource } from "../../program/esxi-resource.ts";
import { argsOf } from "../frame/given-args.ts";

/** The place and the content of a {@link TextFile}. */
export interface TextFileArgs {
  /**
   * The file's path, absolute or relative to the folder of `Pulumi.yaml`: `out/inventory.json`. Folders above it are
   * made, and stay. Changing it replaces the file.
   */
  path: pulumi.Input<string>;
  /**
   * The content, written as UTF-8, byte for byte: nothing is added to a last line without an end. Changed in place. A
   * secret stays one: neither state nor previews show it.
   */
  content: pulumi.Input<string>;
  /**
   * Who may read and write it, as `chmod` takes it: three octal digits, `"640"`. Default: `600` if the content is a
   * secret, otherwise `644`. Changed in place. Ignored on Windows, which does not have such modes.
   */
  mode?: pulumi.Input<string | undefined> | undefined;
}

/**
 * A text file on the machine on which Pulumi runs: an inventory, an SSH configuration, DHCP reservations. A machine
 * that names it in `dependsOn` is made when the file is there. It is on no host.
 *
 * It is written under another name and gets its own name in one step. So every reader sees the old content or the new
 * one, also after a run was killed. State has its digest. A refresh sees that somebody has changed or removed it, and
 * the next `pulumi up` writes it again. Deleting the resource removes the file.
 *
 * Making it fails if there is a file with other content. Changing or deleting it fails if somebody has changed it since
 * Pulumi looked last. So nobody's text is overwritten silently.
 *
 * @example
 * ```ts
 * const reservations = dnsmasqDhcp([{ name: "alice", address: "10.44.3.17", macAddress: "00:50:56:2c:03:11" }]);
 * const dhcp = new TextFile("dhcp", { path: "out/lab.dhcp", content: reservations });
 * new ScratchVm("alice", {}, { dependsOn: dhcp });
 * ```
 */
export class TextFile extends EsxiResource {
  /** The class name for Pulumi's policies. @internal */
  static readonly __pulumiType = "pulumi-nodejs:esxi:TextFile";

  /** The path as the program gives it. Also the resource's id. */
  declare readonly path: pulumi.Output<string>;
  /**
   * SHA-256 of the content, in lower-case hex. A secret if the content is one. After a refresh, the digest of the text
   * that somebody else has written.
   */
  declare readonly sha256: pulumi.Output<string>;
  /** Three octal digits. */
  declare readonly mode: pulumi.Output<string>;

  /** @throws PlainPasswordError if the stack's configuration holds a password that is not a secret. */
  constructor(name: string, args: TextFileArgs, options?: pulumi.CustomResourceOptions) {
    const given = argsOf("TextFile", name, args);
    const content = pulumi.output(given.content);
    // Pulumi keeps an output as a secret if the input of the same name is one. So the digest is an input too.
    const sha256 = content.apply((text) =>
      typeof text === "string" ? createHash("sha256").update(text).digest("hex") : "",
    );
    const usual = pulumi.output(pulumi.isSecret(content)).apply((secret) => (secret ? "600" : "644"));
    const mode = pulumi
      .all([given.mode, usual])
      .apply(([asked, fallback]) => (asked === undefined ? fallback : asked));
    super("TextFile", name, { ...given, sha256, mode }, ["path", "sha256", "mode"], options);
    this.path = this.id;
  }
}
