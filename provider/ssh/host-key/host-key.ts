import { createHash } from "node:crypto";
import type { SshHop } from "../ssh-settings.ts";
import { HostKeyError } from "./host-key-error.ts";
import { type KnownKey, knownKeys } from "./known-hosts.ts";

/** Keys that were trusted on first use, by host and port. In this process the same key must come again. */
const trusted = new Map<string, string>();

/** Compares the key that a host shows with the known keys. */
export class HostKeyCheck {
  readonly #hop: SshHop;
  readonly #known: readonly KnownKey[];
  /** Why the key was not accepted. */
  failure: HostKeyError | undefined;

  constructor(hop: SshHop) {
    this.#hop = hop;
    this.#known = knownKeys(hop.hostKey.knownHosts, hop.host, hop.port);
  }

  /** Types of the known keys, so that the host is asked for one of those. Empty if any type is accepted. */
  get types(): readonly string[] {
    if (this.#hop.hostKey.fingerprints.length > 0) return [];
    return [...new Set(this.#known.filter(({ revoked }) => !revoked).map(({ type }) => type))];
  }

  /** True if the expected key may be one of another type. */
  get mayHaveAnother(): boolean {
    return this.#hop.hostKey.fingerprints.length > 0;
  }

  /** @param key The key as it arrived. */
  accepts(key: Uint8Array, log: (line: string) => void): boolean {
    const { host, port, hostKey } = this.#hop;
    const where = `${host}:${port}`;
    const fingerprint = fingerprintOf(key);
    const encoded = Buffer.from(key).toString("base64");
    const fail = (message: string) => {
      this.failure = new HostKeyError(message, fingerprint);
      return false;
    };
    if (this.#known.some((known) => known.revoked && known.key === encoded)) {
      return fail(
        `${where} shows the key ${fingerprint}, which known_hosts says is revoked. Nothing was sent to it.`,
      );
    }
    if (hostKey.fingerprints.some((expected) => sameFingerprint(expected, fingerprint))) return true;
    if (this.#known.some((known) => !known.revoked && known.key === encoded)) return true;
    const pinned = [
      ...hostKey.fingerprints,
      ...this.#known.filter(({ revoked }) => !revoked).map(fingerprintOfKnown),
    ];
    if (pinned.length > 0) {
      return fail(
        `${where} shows the SSH host key ${fingerprint}, but ${pinned.join(" or ")} is expected. Nothing was sent to ` +
          "it. Is it another host, or has its key been made anew?",
      );
    }
    if (!hostKey.trustOnFirstUse) {
      return fail(
        `Nothing says which SSH host key ${where} has. It shows ${fingerprint}; nothing was sent to it. Compare that ` +
          "with the key on the host, then set it as sshHostKey, or put it into a known_hosts file (sshKnownHosts).",
      );
    }
    const before = trusted.get(where);
    if (before !== undefined && before !== fingerprint) {
      return fail(
        `${where} showed the SSH host key ${before} before, and ${fingerprint} now. Nothing was sent to it.`,
      );
    }
    if (before === undefined) {
      log(
        `${where}: trusting the SSH host key ${fingerprint} on first use, for this run only. Set it as sshHostKey to ` +
          "have it compared from now on.",
      );
    }
    trusted.set(where, fingerprint);
    return true;
  }
}

/** `SHA256:…`, as ssh-keygen prints it. */
function fingerprintOf(key: Uint8Array): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replaceAll("=", "")}`;
}

const fingerprintOfKnown = ({ key }: KnownKey) => fingerprintOf(Buffer.from(key, "base64"));

const sameFingerprint = (a: string, b: string) => plain(a) === plain(b);
const plain = (fingerprint: string) =>
  fingerprint
    .trim()
    .replace(/^SHA256:/i, "")
    .replace(/={1,3}$/, "");
