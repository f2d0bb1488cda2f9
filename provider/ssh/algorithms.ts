import type { Algorithms, ServerHostKeyAlgorithm } from "ssh2";

/** Key types of ESXi hosts by their names in known_hosts, with their signature algorithms. */
const HOST_KEYS: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  "ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
  "ecdsa-sha2-nistp384": ["ecdsa-sha2-nistp384"],
  "ecdsa-sha2-nistp521": ["ecdsa-sha2-nistp521"],
  "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256"],
};

export const ESXI_HOST_KEY_TYPES: readonly string[] = Object.keys(HOST_KEYS);

/**
 * The algorithms that ESXi offers, which are those that FIPS 140 approves. Nothing weaker is accepted.
 * @param keyTypes The types of host keys to ask for, best first.
 */
export function esxiAlgorithms(keyTypes: readonly string[]): Algorithms {
  return {
    kex: [
      "ecdh-sha2-nistp256",
      "ecdh-sha2-nistp384",
      "ecdh-sha2-nistp521",
      "diffie-hellman-group-exchange-sha256",
      "diffie-hellman-group16-sha512",
      "diffie-hellman-group18-sha512",
      "diffie-hellman-group14-sha256",
    ],
    serverHostKey: keyTypes.flatMap((type) => HOST_KEYS[type] ?? []),
    // The shorter key first, because a host decrypts gigabytes on one core.
    cipher: ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes256-ctr", "aes192-ctr", "aes128-ctr"],
    hmac: [
      "hmac-sha2-256-etm@openssh.com",
      "hmac-sha2-512-etm@openssh.com",
      "hmac-sha2-256",
      "hmac-sha2-512",
    ],
    compress: ["none"],
  };
}
