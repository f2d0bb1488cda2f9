import { isIP } from "node:net";
import { connect } from "node:tls";
import { displayUrl } from "./http-client.ts";
import { OvaReadError } from "./ova-read-error.ts";

const TIMEOUT_MS = 20_000;

/**
 * SHA-1 thumbprint (`AB:CD:…`) of a web server's certificate. This machine must trust the certificate. Hosts know no
 * certificate authorities, so they must be told which certificate to trust.
 * @throws OvaReadError if the server cannot be reached, or its certificate is not trusted
 */
export function serverThumbprint(url: URL, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
    const name = isIP(host) === 0 && { servername: host };
    const socket = connect({ host, port: Number(url.port || 443), ...name, timeout: TIMEOUT_MS });
    const end = (error?: Error) => {
      signal.removeEventListener("abort", aborted);
      socket.destroy();
      if (error) reject(error);
    };
    const fail = (reason: string) =>
      end(new OvaReadError(displayUrl(url.href), `its certificate cannot be read: ${reason}`));
    const aborted = () => end(signal.reason);
    signal.addEventListener("abort", aborted);
    socket.once("secureConnect", () => {
      resolve(socket.getPeerCertificate().fingerprint);
      end();
    });
    socket.once("timeout", () => fail(`no answer within ${TIMEOUT_MS / 1000} s`));
    socket.once("error", (error) => fail(error.message));
    if (signal.aborted) aborted();
  });
}
