import { OvaSourceError } from "../source/ova-source-error.ts";
import type { Manifest, ManifestEntry } from "./manifest.ts";
import type { OvaFile, StoredPart } from "./stored-file.ts";

/**
 * Refuses a part that a web server gave under several versions, if no digest can tell whether they are the same.
 * @throws OvaSourceError
 */
export function refuseSeveralVersions(
  location: string,
  { name, bytes }: Pick<StoredPart, "name" | "bytes">,
  expected: ManifestEntry | undefined,
): void {
  if (expected !== undefined || !bytes.hasSeveralVersions) return;
  throw new OvaSourceError(
    location,
    `the web server gave ${name} under several versions (ETag or Last-Modified): it was changed while it was being read, ` +
      "or the URL leads to several servers. No manifest has a digest of it, so nobody can tell whether the bytes " +
      "belong together. Run again, or download the file",
  );
}

/**
 * The manifest's digest for a stored part. It names chunks by their own names, and a whole file perhaps by its href.
 */
export function expectedDigest(
  manifest: Manifest | undefined,
  file: OvaFile,
  part: StoredPart,
): ManifestEntry | undefined {
  const own = manifest?.entries.get(part.name);
  return own ?? (file.parts.length === 1 ? manifest?.entries.get(file.href) : undefined);
}
