import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { EsxiResource } from "../../program/esxi-resource.ts";
import { argsOf } from "../frame/given-args.ts";

/** Which file a {@link TextFile} is, and what it holds. */
export interface TextFileArgs {
  /**
   * Where the file is: relative to the folder of `Pulumi.yaml`, or absolute, `out/inventory.json`. Folders above it are
   * made, and stay. Changing it replaces the file.
   */
  path: pulumi.Input<string>;
  /**
   * What it holds, written as UTF-8, byte for byte: a last line without an end stays so. Changed in place. A secret stays one:
   * neither state nor previews show it.
   */
  content: pulumi.Input<string>;
  /**
   * Who may read and write it, as `chmod` takes it: three octal digits, `"640"`. Default: `600` for a content that is a
   * secret, else `644`. Changed in place. Windows knows no such modes and leaves it alone.
   */
  mode?: pulumi.Input<string | undefined> | undefined;
}

/**
 * A text file on the machine on which Pulumi runs: an inventory, an SSH configuration, DHCP reservations. A machine that
 * names it in `dependsOn` is made when the file is there. It is on no host.
 *
 * It is written under another name and gets its own in one step, so whoever reads it sees the old content or the new
 * one, also after a run was killed. State has its digest; a refresh sees that somebody has changed or removed it, and the
 * next `pulumi up` writes it again. Deleting the resource removes the file.
 *
 * Fails for a file that is there already and holds something else, and on changing or deleting one that somebody has
 * changed since Pulumi looked last: nobody's text is overwritten without a word.
 *
 * @example
 * ```ts
 * const reservations = dnsmasqDhcp([{ name: "alice", address: "10.44.3.17", macAddress: "00:50:56:2c:03:11" }]);
 * const dhcp = new TextFile("dhcp", { path: "out/lab.dhcp", content: reservations });
 * new ScratchVm("alice", {}, { dependsOn: dhcp });
 * ```
 */
export class TextFile extends EsxiResource {
  /** What Pulumi's policies know the class by. @internal */
  static readonly __pulumiType = "pulumi-nodejs:esxi:TextFile";

  /** Where it is, as the program says; also the resource's id. */
  declare readonly path: pulumi.Output<string>;
  /**
   * SHA-256 of what it holds, in lower-case hex; a secret if the content is one. After a refresh that of what somebody
   * else has written there.
   */
  declare readonly sha256: pulumi.Output<string>;
  /** Three octal digits. */
  declare readonly mode: pulumi.Output<string>;

  /** @throws PlainPasswordError if the stack's configuration holds a password that is not a secret. */
  constructor(name: string, args: TextFileArgs, options?: pulumi.CustomResourceOptions) {
    const given = argsOf("TextFile", name, args);
    const content = pulumi.output(given.content);
    // Pulumi keeps as a secret what has the name of an input that is one: so the digest is an input too.
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
