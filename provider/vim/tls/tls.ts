import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { Agent as HttpAgent } from "undici";
import { Agent, buildConnector } from "../../http-library.ts";
import { CertificateError } from "./certificate-error.ts";
import { ConnectError } from "./connect-error.ts";
import { hostAndPort, parseLeaseThumbprint, parseThumbprint } from "./thumbprint.ts";

export interface HostAgentOptions {
  /** `https://name[:port]`. Plain `http:` is possible for a simulator without TLS. */
  readonly origin: string;
  /** SHA-256 of the host's certificate in hex. Exactly that certificate is accepted, whatever its name or age. */
  readonly thumbprint?: string | undefined;
  /** SHA-1 or SHA-256 of the certificate, as in an NFC lease. Not for a user's input. */
  readonly leaseThumbprint?: string | undefined;
  /** PEM text of the certificate authorities to accept instead of the system's. The host's name must match. */
  readonly ca?: string | undefined;
  /** Accept any certificate. Ignored if there is a thumbprint. Default false. */
  readonly insecure?: boolean | undefined;
  /** The most connections at once. Default: no limit. */
  readonly connections?: number | undefined;
  /** The longest wait for a connection with its TLS handshake, in milliseconds. Default 10,000. */
  readonly connectTimeoutMs?: number | undefined;
}

/**
 * One HTTP/1.1 agent for one host. Each new connection's certificate is checked before a byte is sent. If the check
 * fails, so does the connection, with CertificateError. Throws ThumbprintError for a thumbprint that cannot be
 * compared.
 */
export function createHostAgent(options: HostAgentOptions): HttpAgent {
  const check = certificateCheck(options);
  const connect = buildConnector({
    // Every connection is accepted here and checked below, where the certificate is available for the message.
    rejectUnauthorized: false,
    // A resumed session has no certificate chain to check.
    maxCachedSessions: 0,
    allowH2: false,
    timeout: options.connectTimeoutMs ?? 10_000,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  });
  return new Agent({
    connections: options.connections ?? null,
    pipelining: 1,
    keepAliveTimeout: 4_000,
    connect: (target, callback) => {
      connect(target, (error, socket) => {
        if (error) return callback(new ConnectError(error), null);
        const refusal = check(socket);
        if (refusal === undefined) return callback(null, socket);
        socket.destroy();
        callback(refusal, null);
      });
    },
  });
}

/** Checks a connected socket. Returns what is wrong with its certificate, or undefined. */
function certificateCheck(options: HostAgentOptions): (socket: Socket) => CertificateError | undefined {
  const { origin, leaseThumbprint } = options;
  const target = hostAndPort(origin);
  const thumbprint =
    options.thumbprint === undefined ? undefined : parseThumbprint(options.thumbprint, origin);
  const announced = leaseThumbprint === undefined ? undefined : parseLeaseThumbprint(leaseThumbprint);

  return (socket) => {
    if (!(socket instanceof TLSSocket)) {
      if (new URL(origin).protocol === "http:" && thumbprint === undefined && announced === undefined)
        return undefined;
      return new CertificateError({
        target,
        reason: "the connection is not encrypted",
        presented: undefined,
      });
    }
    const certificate = socket.getPeerCertificate();
    const presented = certificate.fingerprint256?.replaceAll(":", "");
    const refuse = (reason: string) => new CertificateError({ target, reason, presented });
    if (presented === undefined) return refuse("the host showed none");
    if (thumbprint !== undefined) {
      return presented === thumbprint ? undefined : refuse("it does not have the configured thumbprint");
    }
    if (announced !== undefined) {
      // The two have different lengths.
      return [presented, certificate.fingerprint.replaceAll(":", "")].includes(announced)
        ? undefined
        : refuse("it is not the one that the host announced for this transfer");
    }
    if (options.insecure) return undefined;
    return socket.authorized
      ? undefined
      : refuse(explain(socket.authorizationError, options.ca !== undefined));
  };
}

function explain(error: Error | string | undefined | null, hasCa: boolean): string {
  const code = error instanceof Error ? error.message : String(error ?? "unknown");
  const issuer = hasCa ? "the configured CA" : "an authority that this system trusts";
  switch (code) {
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "SELF_SIGNED_CERT_IN_CHAIN":
      return `it is self-signed, not issued by ${issuer}`;
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
      return `it was not issued by ${issuer}`;
    case "CERT_HAS_EXPIRED":
      return "it has expired";
    case "CERT_NOT_YET_VALID":
      return "it is not valid yet (is a clock wrong?)";
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return "it was issued for another host name";
    default:
      return code;
  }
}
