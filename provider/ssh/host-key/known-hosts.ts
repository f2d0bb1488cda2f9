import { createHmac } from "node:crypto";

/** A line of a known_hosts file for one host. */
export interface KnownKey {
  /** `ssh-rsa`, `ecdsa-sha2-nistp256`, … */
  readonly type: string;
  /** The key itself in base64. */
  readonly key: string;
  readonly revoked: boolean;
}

/** The keys of a host in known_hosts lines: plain names, `[name]:port`, wildcards, and hashed names. */
export function knownKeys(text: string, host: string, port: number): KnownKey[] {
  const names = port === 22 ? [host, `[${host}]:22`] : [`[${host}]:${port}`];
  return text.split(/\r?\n/).flatMap((line) => {
    const words = line.trim().split(/\s+/);
    const marker = words[0]?.startsWith("@") ? words.shift() : undefined;
    const [patterns, type, key] = words;
    if (patterns === undefined || type === undefined || key === undefined || patterns.startsWith("#"))
      return [];
    // Certificates are not host keys, and ESXi has none.
    if (marker !== undefined && marker !== "@revoked") return [];
    return names.some((name) => matches(patterns, name))
      ? [{ type, key, revoked: marker === "@revoked" }]
      : [];
  });
}

function matches(patterns: string, name: string): boolean {
  if (patterns.startsWith("|1|")) return matchesHash(patterns, name);
  const all = patterns.toLowerCase().split(",");
  const fits = (pattern: string) => wildcard(pattern).test(name.toLowerCase());
  if (all.some((pattern) => pattern.startsWith("!") && fits(pattern.slice(1)))) return false;
  return all.some((pattern) => !pattern.startsWith("!") && fits(pattern));
}

function wildcard(pattern: string): RegExp {
  const escaped = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${escaped}$`);
}

/** `|1|salt|hash`, both in base64: the name's HMAC-SHA1 with the salt as the key. */
function matchesHash(pattern: string, name: string): boolean {
  const [, , salt, hash] = pattern.split("|");
  if (salt === undefined || hash === undefined) return false;
  const hashOf = (text: string) =>
    createHmac("sha1", Buffer.from(salt, "base64")).update(text).digest("base64");
  // OpenSSH hashes names in lower case, whatever the user typed. Other tools may not.
  return [name.toLowerCase(), name].some((spelling) => hashOf(spelling) === hash);
}
