/** The host's self-signed certificate. It is made once and stored. */
import { X509Certificate } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generate } from "selfsigned";

export interface Certificate {
  /** PEM */
  readonly cert: string;
  /** PEM */
  readonly key: string;
  /** SHA-256, upper-case hex with colons. */
  readonly thumbprint: string;
  /** SHA-1 in the same form. NFC leases call it sslThumbprint. */
  readonly sha1Thumbprint: string;
}

const VALID_DAYS = 3650;

export async function loadCertificate(stateDir: string): Promise<Certificate> {
  const certFile = join(stateDir, "rui.crt");
  const keyFile = join(stateDir, "rui.key");
  const known = await Promise.all([readFile(certFile, "utf8"), readFile(keyFile, "utf8")]).catch(
    () => undefined,
  );
  const [cert, key] = known ?? (await create(certFile, keyFile));
  const x509 = new X509Certificate(cert);
  return { cert, key, thumbprint: x509.fingerprint256, sha1Thumbprint: x509.fingerprint };
}

/** Like the one of ESXi's first boot: for localhost.localdomain. */
async function create(certFile: string, keyFile: string): Promise<[cert: string, key: string]> {
  const notAfterDate = new Date(Date.now() + VALID_DAYS * 86_400_000);
  const made = await generate(
    [
      { name: "organizationName", value: "VMware, Inc" },
      { name: "commonName", value: "localhost.localdomain" },
    ],
    {
      keyType: "ec",
      curve: "P-256",
      algorithm: "sha256",
      notAfterDate,
      extensions: [
        { name: "basicConstraints", cA: true },
        {
          name: "subjectAltName",
          altNames: [
            { type: 2, value: "localhost.localdomain" },
            { type: 2, value: "localhost" },
            { type: 7, ip: "127.0.0.1" },
          ],
        },
      ],
    },
  );
  await writeFile(keyFile, made.private, { mode: 0o600 });
  await writeFile(certFile, made.cert);
  return [made.cert, made.private];
}
