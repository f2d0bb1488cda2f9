import { HostError } from "./host-error.ts";

/**
 * Thrown where a host has something, or may have it, and cannot read it now: a share is away, a file is damaged. It is not
 * gone, so a refresh keeps what is known of it, and nothing that it may be is changed or deleted.
 */
export class UnreadableError extends HostError {
  override name = "UnreadableError";
}
