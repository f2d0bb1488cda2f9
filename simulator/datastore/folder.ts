/** The host's `/folder`: the files of its datastores over HTTP. */
import { createReadStream, createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { Datastore } from "./datastore.ts";
import { DatastoreFileError } from "./datastore-file-error.ts";
import { DatastoreFullError } from "./datastore-full-error.ts";
import { DatastorePathError } from "./datastore-path-error.ts";
import { datacenterPage, datastorePage, folderPage } from "./folder-page.ts";
import { normalizeRelativePath, parentFolder } from "./path.ts";

/** The one datacenter of a host without vCenter. */
const DATACENTER = "ha-datacenter";

const METHODS = ["GET", "HEAD", "PUT", "DELETE"];

export interface FolderContext {
  /** The host's datastores by name. */
  readonly datastores: ReadonlyMap<string, Datastore>;
  /** Whether the request has a live session or the right Basic credentials. */
  readonly authenticated: boolean;
  /**
   * How running VMs lock a file. A locked file is not written, and only read if the lock is shared. Default: no locks.
   */
  readonly lockOf?: ((datastore: Datastore, path: string) => "exclusive" | "shared" | undefined) | undefined;
  /** Cuts the connection after this number of bytes of a PUT's body. */
  readonly cutAtByte?: number | undefined;
}

/** An HTTP status as the answer, instead of the file. */
class Refusal extends Error {
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(status: number, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

interface Target {
  readonly datastore: Datastore;
  readonly path: string;
}

/** Answers one request to `/folder…`. It always ends the response. */
export async function handleFolder(
  request: IncomingMessage,
  response: ServerResponse,
  context: FolderContext,
): Promise<void> {
  try {
    await answer(request, response, context);
  } catch (cause) {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const { status, message, headers } = refusalFor(cause);
    response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8", ...headers });
    response.end(request.method === "HEAD" ? "" : `${message}\n`);
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  context: FolderContext,
): Promise<void> {
  if (!context.authenticated) {
    throw new Refusal(401, "Unauthorized", { "WWW-Authenticate": 'Basic realm="VMware HTTP server"' });
  }
  const method = request.method ?? "";
  if (!METHODS.includes(method)) throw new Refusal(405, "Method Not Allowed", { Allow: METHODS.join(", ") });

  const { path, query } = parseFolderUrl(request.url ?? "");
  const datacenter = query.get("dcPath");
  const name = query.get("dsName");
  // An inventory path is accepted like a name.
  if (datacenter !== undefined && datacenter.replace(/^\//, "") !== DATACENTER)
    throw new Refusal(404, "Not Found");
  if (name === undefined) {
    if (method !== "GET" && method !== "HEAD") throw new Refusal(405, "Method Not Allowed");
    if (path !== "") throw new Refusal(404, "Not Found");
    const page = datacenter === undefined ? datacenterPage() : datastorePage([...context.datastores.keys()]);
    sendPage(request, response, page);
    return;
  }
  const datastore = context.datastores.get(name);
  if (datastore === undefined) throw new Refusal(404, "Not Found");
  if (!datastore.accessible) throw new Refusal(500, "Unable to access the datastore");
  const lock = context.lockOf?.(datastore, path);
  const reads = method === "GET" || method === "HEAD";
  if (lock === "exclusive" || (lock === "shared" && !reads))
    throw new Refusal(500, "Failed to lock the file");

  const target = { datastore, path };
  if (method === "PUT") await put(request, response, target, context.cutAtByte);
  else if (method === "DELETE") await remove(response, target);
  else await get(request, response, target);
}

async function get(
  request: IncomingMessage,
  response: ServerResponse,
  { datastore, path }: Target,
): Promise<void> {
  const found = await datastore.find(path);
  if (found === undefined) throw new Refusal(404, "Not Found");
  if (found.kind === "directory") {
    sendPage(request, response, folderPage(datastore.name, path, await datastore.list(path)));
    return;
  }
  response.writeHead(200, {
    "Content-Type": "application/octet-stream",
    "Content-Length": found.sizeBytes,
    "Last-Modified": found.modified.toUTCString(),
  });
  if (request.method === "HEAD" || found.sizeBytes === 0) response.end();
  else await pipeline(createReadStream(datastore.localPath(path), { end: found.sizeBytes - 1 }), response);
}

async function put(
  request: IncomingMessage,
  response: ServerResponse,
  { datastore, path }: Target,
  cutAtByte: number | undefined,
): Promise<void> {
  const length = Number(request.headers["content-length"] ?? Number.NaN);
  if (!Number.isSafeInteger(length)) throw new Refusal(411, "Length Required");
  const existing = await datastore.find(path);
  if (existing?.kind === "directory") throw new Refusal(405, "Method Not Allowed");
  if ((await datastore.find(parentFolder(path)))?.kind !== "directory") {
    throw new Refusal(404, "The folder does not exist");
  }
  const partial = `${path}.${uploads++}.part`;
  datastore.allocate(partial, length);
  try {
    const file = createWriteStream(datastore.localPath(partial));
    if (cutAtByte === undefined) await pipeline(request, file);
    else await pipeline(request, (body: AsyncIterable<Uint8Array>) => upTo(cutAtByte, body, request), file);
    await datastore.move(partial, path, true);
  } catch (cause) {
    if (existing === undefined && (await datastore.exists(partial))) await keepPart(datastore, partial, path);
    await rm(datastore.localPath(partial), { force: true });
    datastore.release(partial);
    throw cause;
  }
  response.writeHead(existing ? 200 : 201, { "Content-Length": 0 });
  response.end();
}

/** If only a part of a new file arrived, the file exists with that part. */
async function keepPart(datastore: Datastore, partial: string, path: string): Promise<void> {
  await datastore.measure(partial);
  await datastore.move(partial, path, true);
}

async function* upTo(limit: number, body: AsyncIterable<Uint8Array>, request: IncomingMessage) {
  let left = limit;
  for await (const chunk of body) {
    yield chunk.subarray(0, left);
    left -= chunk.byteLength;
    if (left > 0) continue;
    request.socket.destroy();
    throw new Error("The connection was cut.");
  }
}

/** Keeps two uploads to one path apart. */
let uploads = 0;

async function remove(response: ServerResponse, { datastore, path }: Target): Promise<void> {
  await datastore.remove(path);
  response.writeHead(204);
  response.end();
}

function sendPage(request: IncomingMessage, response: ServerResponse, html: string): void {
  response.writeHead(200, {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Length": Buffer.byteLength(html),
  });
  response.end(request.method === "HEAD" ? "" : html);
}

/** `+` stays a plus sign, in the path and in the query, because the host decodes only %20. */
function parseFolderUrl(url: string): { path: string; query: ReadonlyMap<string, string> } {
  const [whole = "", search = ""] = url.split("?", 2);
  const query = new Map<string, string>();
  for (const pair of search.split("&")) {
    const [key = "", value = ""] = pair.split("=", 2);
    if (key !== "") query.set(decode(key), decode(value));
  }
  const [, ...segments] = whole.split("/").filter((segment) => segment !== "");
  const decoded = segments.map(decode);
  if (decoded.some((segment) => segment.includes("/"))) throw new Refusal(400, "Bad Request");
  return { path: normalizeRelativePath(decoded.join("/")), query };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Refusal(400, "Bad Request");
  }
}

function refusalFor(cause: unknown): Refusal {
  if (cause instanceof Refusal) return cause;
  if (cause instanceof DatastorePathError) return new Refusal(400, "Bad Request");
  if (cause instanceof DatastoreFullError) return new Refusal(500, cause.message);
  if (cause instanceof DatastoreFileError) {
    return cause.fault === "FileNotFound" ? new Refusal(404, "Not Found") : new Refusal(500, cause.message);
  }
  return new Refusal(500, cause instanceof Error ? cause.message : "Internal Server Error");
}
