import type { Manifest, ManifestEntry } from "./manifest.ts";
import type { OvaFile, StoredPart } from "./stored-file.ts";

/** The manifest's digest for a stored part; it names chunks by their own names, and a whole file perhaps by its href. */
export function expectedDigest(
  manifest: Manifest | undefined,
  file: OvaFile,
  part: StoredPart,
): ManifestEntry | undefined {
  const own = manifest?.entries.get(part.name);
  return own ?? (file.parts.length === 1 ? manifest?.entries.get(file.href) : undefined);
}
