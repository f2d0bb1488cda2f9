/** SSH did not work. The message says with which host, and why. The subclasses say what kind of failure it was. */
export class SshError extends Error {
  override name = "SshError";
}
