/**
 * The OVA or OVF itself cannot be used: missing, truncated, malformed, a digest that does not match,
 * a name that leaves the archive. Trying again cannot help; the message says what to do.
 */
export class OvaSourceError extends Error {
  override readonly name = "OvaSourceError";
  /** The file or URL as it may be shown: without credentials and query. */
  readonly location: string;

  constructor(location: string, problem: string, options?: { cause?: unknown }) {
    super(`The source ${location}: ${problem}`, options);
    this.location = location;
  }
}
