import { SshError } from "./ssh-error.ts";

/**
 * The host did not accept the login. The same credentials are not tried again, because five failures lock an account.
 */
export class SshAuthError extends SshError {
  override name = "SshAuthError";
}
