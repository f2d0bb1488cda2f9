export interface NfcErrorOptions {
  /** HTTP status, if the host answered. */
  readonly status?: number | undefined;
  /** The host's own message. */
  readonly hostText?: string | undefined;
  readonly cause?: unknown;
}

/**
 * A transfer to or from a host failed: the host refused it, the connection broke, or the source did not have what was
 * announced. No part of the file counts as complete.
 */
export class NfcError extends Error {
  override readonly name = "NfcError";
  readonly status: number | undefined;
  readonly hostText: string | undefined;

  constructor(message: string, options: NfcErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = options.status;
    this.hostText = options.hostText;
  }
}
