import { formatThumbprint } from "./thumbprint.ts";

export interface CertificateErrorOptions {
  /** `host:port` that was connected to. */
  readonly target: string;
  /** Why the certificate was not accepted, as a clause. */
  readonly reason: string;
  /** SHA-256 of the presented certificate, in hex. Undefined if there was none. */
  readonly presented: string | undefined;
}

/** The host showed a certificate that is not the expected one. Nothing was sent to it. */
export class CertificateError extends Error {
  override readonly name = "CertificateError";
  /** SHA-256 thumbprint of the presented certificate, with colons. Undefined if the host showed none. */
  readonly presentedThumbprint: string | undefined;

  constructor({ target, reason, presented }: CertificateErrorOptions) {
    const thumbprint = presented === undefined ? undefined : formatThumbprint(presented);
    const accept =
      thumbprint === undefined
        ? ""
        : ` It presented the SHA-256 thumbprint ${thumbprint}. If that is what the host itself shows ` +
          "(on its console or at its own shell: openssl x509 -in /etc/vmware/ssl/rui.crt -noout -fingerprint -sha256), " +
          "configure it as the host's thumbprint (esxi:thumbprint); otherwise somebody may stand between you and the host.";
    super(`The TLS certificate of ${target} is not accepted: ${reason}. Nothing was sent.${accept}`);
    this.presentedThumbprint = thumbprint;
  }
}
