import { SshError } from "./ssh-error.ts";

/** No connection: nothing listens there, it does not answer, or it ended the handshake. Nothing was sent. */
export class SshConnectError extends SshError {
  override name = "SshConnectError";
  /** True if nothing listens on that port: the SSH service may be off. */
  readonly refused: boolean;

  constructor(message: string, options: { readonly refused: boolean; readonly cause?: unknown }) {
    super(message, { cause: options.cause });
    this.refused = options.refused;
  }
}
