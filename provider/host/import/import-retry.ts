import { NfcError } from "../../nfc/index.ts";
import { OvaReadError } from "../../ovf/source/ova-read-error.ts";
import { VimFault } from "../../vim/faults.ts";
import { TransportError } from "../../vim/soap/transport-error.ts";

/** Faults of a lease that concern only this attempt, and not the request itself. */
const PASSING_FAULTS = ["Timedout", "HostConnectFault", "InvalidState", "TaskInProgress", "ConcurrentAccess"];

/**
 * Whether a failed import may succeed with a new lease, after a broken connection, a lease that timed out, or a web
 * server in trouble. An error of the host or of the archive stays.
 */
export function isWorthAnotherLease(error: unknown): boolean {
  // An answer says what is wrong with the file. A status of 5xx other than 500 says that the host was busy.
  if (error instanceof NfcError) return error.status === undefined || error.status > 500;
  if (error instanceof VimFault) return PASSING_FAULTS.some((type) => error.is(type));
  return error instanceof TransportError || error instanceof OvaReadError;
}
