/** The URL to send a lease's file to: a host of `*` means the host and port that we are connected to. */
export function resolveDeviceUrl(url: string, origin: string): URL {
  const wildcard = /^https?:\/\/\*(?::\d+)?(\/.*)$/.exec(url);
  return wildcard ? new URL(wildcard[1] ?? "/", origin) : new URL(url);
}
