/**
 * No connection was made: unknown name, refused, no route, no answer in time, or a failed TLS handshake. Agents of
 * createHostAgent wrap the cause in it. So "never sent" can be told from "answer lost" without guessing from an error
 * code.
 */
export class ConnectError extends Error {
  override readonly name = "ConnectError";
  readonly code: string;

  constructor(cause: Error) {
    super(cause.message, { cause });
    this.code = "code" in cause && typeof cause.code === "string" ? cause.code : "";
  }
}
