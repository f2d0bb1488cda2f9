/** Fetches a file from a web server for the host. The simulated host reaches only its own machine. */
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { Readable } from "node:stream";
import { TLSSocket } from "node:tls";
import { extract } from "tar-stream";
import type { HttpNfcLeaseSourceFile } from "../../schema/index.ts";
import { VimFault } from "../soap/fault.ts";

const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/**
 * The bytes of a file, or of a member of the archive behind the URL.
 * @throws VimFault if the server cannot be reached, does not have the expected thumbprint, or has no such file
 */
export async function fetchFile(
  file: HttpNfcLeaseSourceFile,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const answer = await ask(file, signal);
  if (answer.statusCode !== 200) {
    answer.destroy();
    throw new VimFault("HttpFault", `The server answered ${answer.statusCode} for ${file.url}`, {
      statusCode: answer.statusCode,
      statusMessage: answer.statusMessage ?? "",
    });
  }
  return file.memberName === undefined ? answer : memberOf(answer, file.memberName);
}

function ask(file: HttpNfcLeaseSourceFile, signal: AbortSignal): Promise<IncomingMessage> {
  const url = URL.canParse(file.url) ? new URL(file.url) : undefined;
  if (url === undefined || !LOOPBACK.includes(url.hostname)) {
    throw unreachable(`${file.url}: no route to host`);
  }
  const headers = Object.fromEntries((file.httpHeaders ?? []).map(({ key, value }) => [key, value]));
  const request = url.protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    // A host knows no certificate authorities. Only the thumbprint that it was told counts.
    const asked = request(url, { headers, signal, rejectUnauthorized: false }, (answer) => {
      if (answer.socket instanceof TLSSocket && !isThumbprintOf(answer.socket, file.sslThumbprint)) {
        answer.destroy();
        reject(
          new VimFault("SSLVerifyFault", `${file.url}: the certificate is not the expected one`, {
            selfSigned: false,
            thumbprint: answer.socket.getPeerCertificate().fingerprint,
          }),
        );
      } else resolve(answer);
    });
    asked.once("error", (error) => reject(unreachable(`${file.url}: ${error.message}`)));
    asked.end();
  });
}

const isThumbprintOf = (socket: TLSSocket, thumbprint: string | undefined): boolean =>
  socket.getPeerCertificate().fingerprint === thumbprint?.toUpperCase();

const unreachable = (reason: string) => new VimFault("HostConnectFault", reason);

/** The member's bytes. It does not wait for the rest of the archive. */
async function* memberOf(archive: Readable, name: string): AsyncGenerator<Uint8Array, void, void> {
  const entries = extract();
  archive.once("error", (error) => entries.destroy(error));
  archive.pipe(entries);
  try {
    for await (const entry of entries) {
      if (plain(entry.header.name) === plain(name)) return yield* entry;
      entry.resume();
    }
  } finally {
    archive.destroy();
  }
  throw new VimFault("FileNotFound", `The archive has no ${name}`, { file: name });
}

const plain = (name: string) => name.replace(/^\.\//, "");
