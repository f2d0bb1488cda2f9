/** The thumbprint in the settings cannot be compared. */
export class ThumbprintError extends Error {
  override readonly name = "ThumbprintError";
}

/**
 * A SHA-256 certificate thumbprint as 64 upper-case hex digits. Colons, spaces, case and the words that openssl writes
 * before it are ignored.
 * Throws ThumbprintError for anything else. For a SHA-1 thumbprint the error says how to get the right one.
 */
export function parseThumbprint(text: string, origin: string): string {
  const hex = hexDigits(text.replace(/^\s*sha-?256 fingerprint=/i, ""));
  if (hex.length === 64) return hex;
  const target = hostAndPort(origin);
  const howTo = `Get the SHA-256 thumbprint with: openssl s_client -connect ${target} </dev/null | openssl x509 -noout -fingerprint -sha256`;
  if (hex.length === 40) {
    throw new ThumbprintError(
      `The thumbprint for ${target} is SHA-1 (40 hex digits), which can be forged. ${howTo}`,
    );
  }
  throw new ThumbprintError(
    `The thumbprint for ${target} is not a SHA-256 thumbprint (64 hex digits, with or without colons). ${howTo}`,
  );
}

/** A thumbprint as hosts put it into an NFC lease: SHA-1 or SHA-256, upper-case hex digits. Throws ThumbprintError. */
export function parseLeaseThumbprint(text: string): string {
  const hex = hexDigits(text);
  if (hex.length === 40 || hex.length === 64) return hex;
  throw new ThumbprintError("The host sent an NFC certificate thumbprint that is neither SHA-1 nor SHA-256.");
}

/** `AB:CD:…`, as openssl and ESXi show thumbprints. */
export function formatThumbprint(hex: string): string {
  return hexDigits(hex).match(/../g)?.join(":") ?? "";
}

/** `host:port` of an origin, always with the port. */
export function hostAndPort(origin: string): string {
  const url = new URL(origin);
  return `${url.hostname}:${url.port || (url.protocol === "http:" ? "80" : "443")}`;
}

function hexDigits(text: string): string {
  const hex = text.replace(/[\s:]/g, "").toUpperCase();
  return /^[0-9A-F]*$/.test(hex) ? hex : "";
}
