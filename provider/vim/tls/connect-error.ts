/**
 * No connection came about: name unknown, refused, no route, no answer in time, TLS handshake failed. Agents made by
 * createHostAgent wrap the cause in it, so that "never sent" can be told from "answer lost" without guessing by code.
 */
export class ConnectError extends Error {
  override readonly name = "ConnectError";
  readonly code: string;

  constructor(cause: Error) {
    super(cause.message, { cause });
    this.code = "code" in cause && typeof cause.code === "string" ? cause.code : "";
  }
}
