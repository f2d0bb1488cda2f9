import { HostError } from "../host-error.ts";

/** The host has answered, and has none, or several, of what was asked for. */
export class LookUpError extends HostError {
  override name = "LookUpError";
}
