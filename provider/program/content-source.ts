import { gzipSync } from "node:zlib";
import * as pulumi from "@pulumi/pulumi";
import { CONTENT_SCHEME } from "../content-scheme.ts";
import { called } from "../hand-over/given.ts";

/** Larger content belongs into a file, because all of it passes through Pulumi and is kept in state. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * The content of a file as its source, compressed. Outputs cannot hold bytes. It may be a secret, so it is marked as
 * one.
 * @throws RunError for more than 16 MiB
 */
export function contentSource(content: pulumi.Input<string | Uint8Array>): pulumi.Output<string> {
  // An output of bytes must not be given to `pulumi.output`, which treats them as an object of numbers.
  if (pulumi.Output.isInstance(content)) return pulumi.secret(content.apply(sourceOf));
  if (content instanceof Promise) return pulumi.secret(content.then(sourceOf));
  return pulumi.secret(sourceOf(content));
}

function sourceOf(content: unknown): string {
  if (typeof content !== "string" && !(content instanceof Uint8Array)) {
    throw new pulumi.RunError(`A file's content must be a text or bytes, not ${called(content)}.`);
  }
  const bytes = Buffer.from(content);
  if (bytes.byteLength > MOST_BYTES) {
    throw new pulumi.RunError(
      "A file's content can have 16 MiB at most, because it is kept in state: write it to a file, and name that as source.",
    );
  }
  return CONTENT_SCHEME + gzipSync(bytes, { level: 9 }).toString("base64");
}
