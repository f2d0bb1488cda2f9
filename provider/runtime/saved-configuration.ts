import { isFault } from "../vim/faults.ts";
import { TransportError } from "../vim/soap/transport-error.ts";
import { CertificateError } from "../vim/tls/certificate-error.ts";
import { SettingsError } from "./settings-error.ts";

const HINT =
  "If this was `pulumi refresh` or `pulumi destroy`: they use the host, user and password that the last `pulumi up` saved in " +
  "the stack's state. If one of these has changed since, set ESXI_HOST, ESXI_USERNAME, ESXI_PASSWORD or ESXI_THUMBPRINT " +
  "in the environment, or run the command with --run-program.";

/**
 * What to do about a host that cannot be reached, or does not let in, with a configuration that may be an old one.
 * Undefined for all other errors and operations.
 */
export function savedConfigurationHint(error: Error, method: string): string | undefined {
  if (method !== "read" && method !== "delete") return undefined;
  const isUnreached =
    error instanceof SettingsError ||
    error instanceof CertificateError ||
    (error instanceof TransportError && error.requestSent === false) ||
    isFault(error, "InvalidLogin");
  return isUnreached ? HINT : undefined;
}
