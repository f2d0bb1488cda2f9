import { NfcError } from "./nfc-error.ts";

/**
 * The URL to send a lease's file to: a host of `*` means the host and port that we are connected to.
 * @throws NfcError if it is no URL, or is not encrypted where the connection to the host is
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
