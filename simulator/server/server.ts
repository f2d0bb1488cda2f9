/** The HTTPS server of the host: which path leads to which handler. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { serviceVersions } from "../core/about.ts";
import type { Certificate } from "./certificate.ts";
import { handleSdk, type SdkContext } from "./sdk.ts";

type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface Routes {
  readonly sdk: SdkContext;
  readonly nfc: RequestHandler;
  readonly folder: RequestHandler;
}

export function createHttpsServer(certificate: Certificate, routes: Routes): Server {
  const server = createServer({ cert: certificate.cert, key: certificate.key, ALPNProtocols: ["http/1.1"] });
  server.keepAliveTimeout = 60_000;
  server.requestTimeout = 0;
  server.on("request", (request, response) => {
    route(request, response, routes).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { "Content-Type": "text/plain" });
      response.end(error instanceof Error ? error.message : String(error));
    });
  });
  return server;
}

/** Listens. If that port is taken and `fallback` is allowed, on any port. @returns the port */
export async function listen(server: Server, host: string, port: number, fallback: boolean): Promise<number> {
  try {
    return await tryListen(server, host, port);
  } catch (error) {
    if (!fallback || port === 0) throw error;
    return await tryListen(server, host, 0);
  }
}

function tryListen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

/** Ends the server and every connection. */
export function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function route(request: IncomingMessage, response: ServerResponse, routes: Routes): Promise<void> {
  const path = (request.url ?? "/").split("?")[0] ?? "/";
  if (path === "/sdk" || path === "/sdk/") {
    if (request.method === "POST") return await handleSdk(request, response, routes.sdk);
    return respond(response, 405, "text/plain", "Method Not Allowed");
  }
  if (path === "/sdk/vimServiceVersions.xml") {
    return respond(response, 200, "text/xml", serviceVersions(routes.sdk.host.options.apiVersion));
  }
  if (path.startsWith("/nfc/")) return await routes.nfc(request, response);
  if (path === "/folder" || path.startsWith("/folder/")) return await routes.folder(request, response);
  if (path === "/") return respond(response, 200, "text/html", "<html><title>VMware ESXi</title></html>");
  return respond(response, 404, "text/plain", "Not Found");
}

function respond(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { "Content-Type": type, "Content-Length": Buffer.byteLength(text) }).end(text);
}
