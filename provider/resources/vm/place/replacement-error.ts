/** A change of place that only a new machine could follow, and the program does not say that the old one may go. */
export class ReplacementError extends Error {
  override readonly name = "ReplacementError";
}
