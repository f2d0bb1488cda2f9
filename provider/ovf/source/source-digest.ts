import { createHash } from "node:crypto";
import { expectedDigest } from "../package/expected-digest.ts";
import type { Manifest } from "../package/manifest.ts";
import { type OvaFile, readStored } from "../package/stored-file.ts";

const PROBE_BYTES = 1024;

/**
 * Identifies an OVA for diff: a hex SHA-256 of its descriptor and manifest, which together fix every byte. For a file
 * without a digest in the manifest, size, first sector, footer and a local file's time of change are used instead. So a
 * preview never reads gigabytes.
 */
export async function sourceDigest(
  descriptorBytes: Uint8Array,
  manifestBytes: Uint8Array | undefined,
  manifest: Manifest | undefined,
  files: readonly OvaFile[],
  signal?: AbortSignal,
): Promise<string> {
  const hash = createHash("sha256");
  hash.update(`descriptor ${sha256(descriptorBytes)}\n`);
  if (manifestBytes !== undefined) hash.update(`manifest ${sha256(manifestBytes)}\n`);
  for (const file of files) {
    if (file.parts.every((part) => expectedDigest(manifest, file, part) !== undefined)) continue;
    const first = await readStored(file, 0, PROBE_BYTES, signal);
    const bytes = file.parts[0]?.bytes;
    // On a server that cannot skip, the whole file would have to be read for its end. The server's version text is used
    // instead.
    const end =
      bytes?.seekable === false
        ? (bytes.validator ?? "")
        : sha256(await readStored(file, Math.max(0, file.storedBytes - PROBE_BYTES), PROBE_BYTES, signal));
    const mtimes = file.parts.map((part) => part.bytes.mtimeMs ?? "").join(",");
    hash.update(`file ${JSON.stringify([file.href, file.storedBytes, sha256(first), end, mtimes])}\n`);
  }
  return hash.digest("hex");
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
