import ssh2 from "ssh2";

/** A new key pair. ssh2 writes one in 250 in a way that it cannot read itself. */
export function ed25519Key(): { readonly private: string; readonly public: string } {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync("ed25519");
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}
