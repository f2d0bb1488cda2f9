/** A name in the archive or an href in the descriptor points outside the archive or folder, or could be read as if it did. */
export class UnsafeNameError extends Error {
  override readonly name = "UnsafeNameError";
}
