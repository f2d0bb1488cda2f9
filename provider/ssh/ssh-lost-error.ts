import { SshError } from "./ssh-error.ts";

/** The connection broke while a command ran: nobody can say whether the command had its effect. */
export class SshLostError extends SshError {
  override name = "SshLostError";
}
