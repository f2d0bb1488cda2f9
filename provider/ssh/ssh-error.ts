/** SSH did not work; the message says with which host and what. Its subclasses say what kind of failure it was. */
export class SshError extends Error {
  override name = "SshError";
}
