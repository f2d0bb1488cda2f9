import { SshError } from "./ssh-error.ts";

/** The host did not accept the login. It is not tried again with the same credentials: five failures lock an account. */
export class SshAuthError extends SshError {
  override name = "SshAuthError";
}
