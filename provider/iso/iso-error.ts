/** The content does not fit into an image. */
export class IsoError extends Error {
  override readonly name = "IsoError";
}
