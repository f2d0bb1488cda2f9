/** An operation on a host has failed, and a person can do something about the reason. The message says what to do. */
export class HostError extends Error {
  override name = "HostError";
}
