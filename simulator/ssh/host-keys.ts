/** The host's SSH keys, made once and stored: ECDSA and RSA, like ESXi's. */
import { createHash, generateKeyPair } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import ssh2 from "ssh2";

export interface HostKey {
  /** PEM */
  readonly privateKey: string;
  /** As in `known_hosts` behind the host's name: `ecdsa-sha2-nistp256 AAAA…`. */
  readonly publicKey: string;
  /** `SHA256:…`, as ssh-keygen prints it. */
  readonly sha256: string;
}

const generate = promisify(generateKeyPair);

/** Clients that support both use the first. */
export async function loadHostKeys(stateDir: string): Promise<readonly [HostKey, HostKey]> {
  return await Promise.all([
    load(join(stateDir, "ssh_host_ecdsa_key"), async () => {
      const { privateKey } = await generate("ec", { namedCurve: "P-256" });
      return String(privateKey.export({ type: "sec1", format: "pem" }));
    }),
    load(join(stateDir, "ssh_host_rsa_key"), () => (rsaKey ??= makeRsaKey())),
  ]);
}

/** It takes long to make, and clients prefer the other one: the hosts that a process makes share it. */
let rsaKey: Promise<string> | undefined;

async function makeRsaKey(): Promise<string> {
  const { privateKey } = await generate("rsa", { modulusLength: 2048 });
  return String(privateKey.export({ type: "pkcs1", format: "pem" }));
}

async function load(file: string, make: () => Promise<string>): Promise<HostKey> {
  let privateKey = await readFile(file, "utf8").catch(() => "");
  if (privateKey === "") {
    privateKey = await make();
    await writeFile(file, privateKey, { mode: 0o600 });
  }
  const parsed = ssh2.utils.parseKey(privateKey);
  if (parsed instanceof Error) throw parsed;
  const blob = parsed.getPublicSSH();
  return {
    privateKey,
    publicKey: `${parsed.type} ${blob.toString("base64")}`,
    sha256: `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`,
  };
}
