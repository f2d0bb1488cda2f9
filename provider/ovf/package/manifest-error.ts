/** The manifest (`.mf`) is malformed, or names files that are not there. */
export class ManifestError extends Error {
  override readonly name = "ManifestError";
}
