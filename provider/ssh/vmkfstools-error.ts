import { SshError } from "./ssh-error.ts";

/** vmkfstools failed; `code` is the number that it puts behind its message, as in `The file already exists (39)`. */
export class VmkfstoolsError extends SshError {
  override name = "VmkfstoolsError";
  readonly code: number | undefined;

  constructor(message: string, code: number | undefined, cause: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
