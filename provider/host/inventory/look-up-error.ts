import { HostError } from "../host-error.ts";

/** Thrown where the host answered, and has nothing, or several things, of what was asked for. */
export class LookUpError extends HostError {
  override name = "LookUpError";
}
