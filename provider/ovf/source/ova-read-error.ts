/**
 * Bytes of the source could not be read just now: the web server did not answer, answered with a 5xx, or dropped the
 * connection, or the disk reported an I/O error. The same read may succeed later.
 */
export class OvaReadError extends Error {
  override readonly name = "OvaReadError";
  /** The file or URL in a form that may be shown: without credentials and query. */
  readonly location: string;

  constructor(location: string, problem: string, options?: { cause?: unknown }) {
    super(`The source ${location}: ${problem}`, options);
    this.location = location;
  }
}
