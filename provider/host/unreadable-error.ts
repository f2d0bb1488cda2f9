import { HostError } from "./host-error.ts";

/**
 * Thrown when a host has something, or may have it, and cannot read it now: a share is away, or a file is damaged. It
 * is not gone. So a refresh keeps what is known of it, and nothing is changed or deleted that it might be.
 */
export class UnreadableError extends HostError {
  override name = "UnreadableError";
}
