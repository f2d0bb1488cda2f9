/** An operation on a host that failed for a reason a person can do something about; the message says what. */
export class HostError extends Error {
  override name = "HostError";
}
