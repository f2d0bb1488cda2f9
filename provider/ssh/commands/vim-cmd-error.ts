import { SshError } from "../ssh-error.ts";

/** vim-cmd reported a fault, whatever its exit status was. */
export class VimCmdError extends SshError {
  override name = "VimCmdError";
  /** The vim25 type, `InvalidPowerState`. Undefined if it did not name one. */
  readonly fault: string | undefined;

  constructor(message: string, fault: string | undefined, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.fault = fault;
  }
}
