/** An operation on a host has failed, and a person can do something about the reason. The message says what to do. */
export class HostError extends Error {
  override name = "HostError";
}

/** The name of what was to be made or moved is taken. */
export class TakenError extends HostError {
  override name = "TakenError";
}
