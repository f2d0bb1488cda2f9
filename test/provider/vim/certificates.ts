import { X509Certificate } from "node:crypto";
import { generate } from "selfsigned";

export interface TestCertificate {
  /** PEM. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
  /** SHA-256, upper-case hex with colons. */
  readonly thumbprint: string;
  /** SHA-1 in the same form. */
  readonly sha1: string;
}

/** A self-signed certificate, its own authority, for a DNS name or an IP address. */
export async function makeCertificate(name: string): Promise<TestCertificate> {
  const isAddress = /^[\d.]+$/.test(name);
  const made = await generate([{ name: "commonName", value: name }], {
    keyType: "ec",
    extensions: [
      { name: "basicConstraints", cA: true },
      { name: "subjectAltName", altNames: [isAddress ? { type: 7, ip: name } : { type: 2, value: name }] },
    ],
  });
  const { fingerprint256, fingerprint } = new X509Certificate(made.cert);
  return { cert: made.cert, key: made.private, thumbprint: fingerprint256, sha1: fingerprint };
}
