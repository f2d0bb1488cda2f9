/** What was to be written does not fit into an image. */
export class IsoError extends Error {
  override readonly name = "IsoError";
}
