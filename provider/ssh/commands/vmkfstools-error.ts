import { SshError } from "../ssh-error.ts";

/** vmkfstools failed; `code` is the number that it puts behind its message, as in `The file already exists (39)`. */
export class VmkfstoolsError extends SshError {
  override name = "VmkfstoolsError";
  readonly code: number | undefined;
  /** True if somebody has the disk open, so that it may work later. */
  readonly inUse: boolean;

  /** True if the host has killed the tool, because too many of its kind ran at once. */
  readonly isKilled: boolean;

  constructor(message: string, code: number | undefined, inUse: boolean, cause: unknown) {
    super(message, { cause });
    this.code = code;
    this.inUse = inUse;
    this.isKilled = /\bKilled\b/.test(message);
  }
}
