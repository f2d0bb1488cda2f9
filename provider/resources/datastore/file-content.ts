import { createHash } from "node:crypto";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { CONTENT_SCHEME } from "../../content-scheme.ts";
import type { ByteSource } from "../../ovf/source/byte-source.ts";
import { bytesInMemory } from "../../ovf/source/bytes-in-memory.ts";
import { openFileBytes } from "../../ovf/source/file-bytes.ts";
import { openHttpBytes } from "../../ovf/source/http-bytes.ts";
import { displayUrl } from "../../ovf/source/http-client.ts";
import { OvaSourceError } from "../../ovf/source/ova-source-error.ts";

const REQUEST_TIMEOUT_SECONDS = 20;
const PROBE_BYTES = 4096;

/** What a file holds, as far as it is known without reading all of it. */
export interface FileContent {
  /** Another text means that the file may hold something else. */
  readonly content: string;
  /** SHA-256 in lower-case hex, where it is known. */
  readonly contentSha256?: string | undefined;
}

/** What is looked at where, for messages and look-ups. */
interface Place {
  /** Local path or `http(s)` URL; a relative path counts from `projectFolder`. */
  readonly source: string;
  readonly projectFolder: string;
  readonly signal: AbortSignal;
}

/** @throws OvaSourceError or OvaReadError, whose messages name the source, if it is not there or cannot be read */
export async function openContent({ source, projectFolder, signal }: Place): Promise<ByteSource> {
  if (isContent(source)) return bytesInMemory("the content", bytesOf(source));
  if (!isUrl(source)) return openFileBytes(path.resolve(projectFolder, source));
  const bytes = await openHttpBytes(source, { requestTimeoutSeconds: REQUEST_TIMEOUT_SECONDS, signal });
  if (bytes) return bytes;
  throw new OvaSourceError(displayUrl(source), "there is no such file");
}

/**
 * What a source holds, compared with what it held before, at the price of a look at the file's size and time of change,
 * or of one or two small requests. All of a local file is read only if it has another time of change at the same size,
 * as in a colleague's checkout: its digest then tells whether it is the same, once per process and file.
 */
export async function contentOf(
  place: Place,
  before: { readonly content?: unknown; readonly contentSha256?: unknown },
): Promise<FileContent> {
  const bytes = await openContent(place);
  try {
    if (isContent(place.source)) {
      const contentSha256 = await digest(bytes, place.signal);
      return { content: `sha256 ${contentSha256}`, contentSha256 };
    }
    if (isUrl(place.source)) return { content: await webContent(bytes, place.signal) };
    const content = `local ${bytes.sizeBytes} ${bytes.mtimeMs}`;
    const known = typeof before.contentSha256 === "string" ? before.contentSha256 : undefined;
    if (before.content === content) return { content, ...(known && { contentSha256: known }) };
    // Of another size it is another file. By its digest alone nobody can tell.
    const [kind, size] = String(before.content).split(" ");
    if (kind !== "sha256" && size !== String(bytes.sizeBytes)) return { content };
    return { content, contentSha256: await digestOnce(bytes, place.signal) };
  } finally {
    await bytes.close();
  }
}

/** SHA-256 of the source in lower-case hex; a local file is read once per process as long as it stays as it is. */
export async function contentDigest(place: Place): Promise<string> {
  const bytes = await openContent(place);
  try {
    return await digestOnce(bytes, place.signal);
  } finally {
    await bytes.close();
  }
}

const digests = new Map<string, Promise<string>>();

function digestOnce(bytes: ByteSource, signal: AbortSignal): Promise<string> {
  if (bytes.mtimeMs === undefined) return digest(bytes, signal);
  const key = `${bytes.label}\n${bytes.sizeBytes}\n${bytes.mtimeMs}`;
  const known = digests.get(key) ?? digest(bytes, signal);
  digests.set(key, known);
  known.catch(() => digests.delete(key));
  return known;
}

async function digest(bytes: ByteSource, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of bytes.stream(0, bytes.sizeBytes, signal)) hash.update(chunk);
  return hash.digest("hex");
}

/** Size, beginning and end; where the end costs the whole file, what the server calls its version. */
async function webContent(bytes: ByteSource, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256").update(await bytes.read(0, PROBE_BYTES, signal));
  if (bytes.seekable) {
    hash.update(await bytes.read(Math.max(0, bytes.sizeBytes - PROBE_BYTES), PROBE_BYTES, signal));
  } else hash.update(bytes.validator ?? "");
  return `web ${bytes.sizeBytes} ${hash.digest("hex").slice(0, 32)}`;
}

const isContent = (source: string): boolean => source.startsWith(CONTENT_SCHEME);

/** @throws OvaSourceError for what no class of ours has written */
function bytesOf(source: string): Uint8Array {
  try {
    return gunzipSync(Buffer.from(source.slice(CONTENT_SCHEME.length), "base64"));
  } catch {
    throw new OvaSourceError("the content", "it is damaged");
  }
}

const isUrl = (source: string): boolean => /^https?:\/\//i.test(source);
