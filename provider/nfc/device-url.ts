import { NfcError } from "./nfc-error.ts";

/**
 * The URL for a file of a lease. A host name `*` means the host and port to which we are connected.
 * @throws NfcError if it is no URL, or if it is not encrypted although the connection to the host is
 */
export function resolveDeviceUrl(url: string, origin: string): URL {
  const wildcard = /^https?:\/\/\*(?::\d+)?(\/.*)$/.exec(url);
  if (wildcard) return new URL(wildcard[1] ?? "/", origin);
  const resolved = URL.canParse(url) ? new URL(url) : undefined;
  const allowed = origin.startsWith("http:") ? ["http:", "https:"] : ["https:"];
  if (resolved && allowed.includes(resolved.protocol)) return resolved;
  const why = resolved ? "is not encrypted, as the connection to the host itself is" : "cannot be read";
  throw new NfcError(`The host wants a file to be sent to an address that ${why}. Nothing was sent there.`);
}
