/**
 * The OVA or OVF itself cannot be used: it is missing, truncated or malformed, a digest does not match, or a name
 * leaves the archive. Trying again cannot help. The message says what to do.
 */
export class OvaSourceError extends Error {
  override readonly name = "OvaSourceError";
  /** The file or URL in a form that may be shown: without credentials and query. */
  readonly location: string;

  constructor(location: string, problem: string, options?: { cause?: unknown }) {
    super(`The source ${location}: ${problem}`, options);
    this.location = location;
  }
}
