import type { ManagedObjectReference } from "../../../schema/index.ts";

export interface TransportErrorOptions {
  readonly host: string;
  /** Whether the host can have begun the work. */
  readonly requestSent: boolean | "unknown";
  /** HTTP status, if there was an answer. */
  readonly status?: number | undefined;
  /** True if only the time limit was exceeded. */
  readonly timedOut?: boolean | undefined;
  readonly cause?: unknown;
}

/**
 * There was no SOAP answer: connection refused, reset or timed out, a TLS failure, or an HTTP status that is not SOAP.
 * Not thrown for an answer that is a fault (that is a VimFault).
 */
export class TransportError extends Error {
  override readonly name: string = "TransportError";
  readonly host: string;
  /** False: the host never saw the request. True: it answered something. "unknown": the answer was lost. */
  readonly requestSent: boolean | "unknown";
  readonly status: number | undefined;
  readonly timedOut: boolean;
  /** The called method. The client adds it for a call that the host may have begun. */
  call: { readonly self: ManagedObjectReference; readonly method: string } | undefined;
  /**
   * True if the host was asked again and again, here or after the call, and did not answer. It need not be asked once
   * more.
   */
  isSilence = false;

  constructor(message: string, options: TransportErrorOptions) {
    super(`${options.host}: ${message}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.host = options.host;
    this.requestSent = options.requestSent;
    this.status = options.status;
    this.timedOut = options.timedOut ?? false;
  }

  /** True if the host is known not to have begun the work, so that even a write may be sent again. */
  get safeToRepeat(): boolean {
    return this.requestSent === false || this.status === 503;
  }
}
