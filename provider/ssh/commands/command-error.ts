import { SshError } from "../ssh-error.ts";

/** A command on the host ended with a status other than 0, or by a signal. */
export class CommandError extends SshError {
  override name = "CommandError";
  /** Undefined if a signal ended it. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;

  constructor(
    message: string,
    result: { readonly exitCode: number | undefined; readonly stdout: string; readonly stderr: string },
  ) {
    super(message);
    this.exitCode = result.exitCode;
    this.stdout = result.stdout;
    this.stderr = result.stderr;
  }
}
