import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";

export interface FileServer {
  /** Such as `http://127.0.0.1:12345`. */
  readonly url: string;
  /** Every request, in order. */
  readonly requests: readonly { readonly path: string; readonly range: string | undefined }[];
  /** Bytes of bodies handed to the network so far. */
  readonly sentBytes: () => number;
  close(): Promise<void>;
}

export interface FileServerOptions {
  /** Whether range requests are understood. Default true. */
  readonly ranges?: boolean;
  /** Serves over TLS, with this certificate and key in PEM. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Takes over a request; false to have it served as usual. */
  readonly intercept?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/** Serves files from memory on 127.0.0.1, by path such as `/tiny.ova`. */
export async function serveFiles(
  files: ReadonlyMap<string, Uint8Array>,
  options: FileServerOptions = {},
): Promise<FileServer> {
  const requests: { path: string; range: string | undefined }[] = [];
  let sent = 0;
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname);
    requests.push({ path, range: request.headers.range });
    if (options.intercept?.(request, response) === true) return;
    const content = files.get(path);
    if (content === undefined) {
      response.writeHead(404).end("no such file");
      return;
    }
    const range = options.ranges === false ? null : /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
    const start = range === null ? 0 : Number(range[1]);
    const end = range === null ? content.length : Math.min(Number(range[2]) + 1, content.length);
    if (range !== null && start >= content.length) {
      response.writeHead(416, { "content-range": `bytes */${content.length}` }).end();
      return;
    }
    response.writeHead(range === null ? 200 : 206, {
      "content-length": end - start,
      etag: `"${content.length}"`,
      ...(range === null ? {} : { "content-range": `bytes ${start}-${end - 1}/${content.length}` }),
    });
    sendSlowly(response, content.subarray(start, end), (bytes) => {
      sent += bytes;
    });
  };
  const server = options.tls ? createTlsServer(options.tls, answer) : createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls ? "https" : "http"}://127.0.0.1:${port}`,
    requests,
    sentBytes: () => sent,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Waits for the reader after each piece, so that what a test counts is what was asked for. */
function sendSlowly(response: ServerResponse, content: Uint8Array, onSent: (bytes: number) => void): void {
  const PIECE = 16 * 1024;
  let at = 0;
  const next = () => {
    while (at < content.length) {
      const piece = content.subarray(at, at + PIECE);
      at += piece.length;
      onSent(piece.length);
      if (!response.write(piece)) {
        response.once("drain", next);
        return;
      }
    }
    response.end();
  };
  next();
}
