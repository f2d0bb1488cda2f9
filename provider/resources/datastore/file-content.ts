import { createHash } from "node:crypto";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { CONTENT_SCHEME } from "../../content-scheme.ts";
import { UNSTOPPED, untilStopped } from "../../host/grace.ts";
import { Answers } from "../../host/per-host.ts";
import type { ByteSource } from "../../ovf/source/byte-source.ts";
import { bytesInMemory } from "../../ovf/source/bytes-in-memory.ts";
import { openFileBytes } from "../../ovf/source/file-bytes.ts";
import { openHttpBytes } from "../../ovf/source/http-bytes.ts";
import { displayUrl } from "../../ovf/source/http-client.ts";
import { OvaSourceError } from "../../ovf/source/ova-source-error.ts";

const REQUEST_TIMEOUT_SECONDS = 20;
const PROBE_BYTES = 4096;

/** The content of a file, as far as it is known without reading all of it. */
export interface FileContent {
  /** A different text means that the file may have a different content. */
  readonly content: string;
  /** SHA-256 in lower-case hex, if it is known. */
  readonly contentSha256?: string | undefined;
}

/** The source, and what is needed to find it and to write messages about it. */
interface Place {
  /** Local path or `http(s)` URL. A relative path is relative to `projectFolder`. */
  readonly source: string;
  readonly projectFolder: string;
  readonly signal: AbortSignal;
}

/** @throws OvaSourceError or OvaReadError, which name the source, if it is not there or cannot be read */
export async function openContent({ source, projectFolder, signal }: Place): Promise<ByteSource> {
  if (isContent(source)) return bytesInMemory("the content", bytesOf(source));
  if (!isUrl(source)) return openFileBytes(path.resolve(projectFolder, source));
  const bytes = await openHttpBytes(source, { requestTimeoutSeconds: REQUEST_TIMEOUT_SECONDS, signal });
  if (bytes) return bytes;
  throw new OvaSourceError(displayUrl(source), "there is no such file");
}

/**
 * The content of a source, compared with the content before. This costs a look at the file's size and time of change,
 * or one or two small requests. A local file is only read as a whole if its time of change differs and its size is the
 * same, as in a colleague's checkout. Its digest then tells whether it is the same, once per process and file.
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
    // A file of another size is another file. A digest alone does not tell the size.
    const [kind, size] = String(before.content).split(" ");
    if (kind !== "sha256" && size !== String(bytes.sizeBytes)) return { content };
    return { content, contentSha256: await digestOnce(place, bytes) };
  } finally {
    await bytes.close();
  }
}

/** SHA-256 of the source in lower-case hex. A local file is read once per process while it does not change. */
export async function contentDigest(place: Place): Promise<string> {
  const bytes = await openContent(place);
  try {
    return await digestOnce(place, bytes);
  } finally {
    await bytes.close();
  }
}

const digests = new Answers<string>();

function digestOnce(place: Place, bytes: ByteSource): Promise<string> {
  if (bytes.mtimeMs === undefined) return digest(bytes, place.signal);
  const key = `${bytes.label}\n${bytes.sizeBytes}\n${bytes.mtimeMs}`;
  const shared = digests.get(key, () => digestForAll(place));
  return untilStopped(shared, place.signal);
}

/** Reads a file that it opens by itself, because the one who has asked first may be stopped, and closes his. */
async function digestForAll(place: Place): Promise<string> {
  const bytes = await openContent({ ...place, signal: UNSTOPPED });
  try {
    return await digest(bytes, UNSTOPPED);
  } finally {
    await bytes.close();
  }
}

async function digest(bytes: ByteSource, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of bytes.stream(0, bytes.sizeBytes, signal)) hash.update(chunk);
  return hash.digest("hex");
}

/** Size, beginning and end. If the end needs the whole file, the server's own version text instead. */
async function webContent(bytes: ByteSource, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256").update(await bytes.read(0, PROBE_BYTES, signal));
  if (bytes.seekable) {
    hash.update(await bytes.read(Math.max(0, bytes.sizeBytes - PROBE_BYTES), PROBE_BYTES, signal));
  } else hash.update(bytes.validator ?? "");
  return `web ${bytes.sizeBytes} ${hash.digest("hex").slice(0, 32)}`;
}

const isContent = (source: string): boolean => source.startsWith(CONTENT_SCHEME);

/** @throws OvaSourceError if no class of ours has written the text */
function bytesOf(source: string): Uint8Array {
  try {
    return gunzipSync(Buffer.from(source.slice(CONTENT_SCHEME.length), "base64"));
  } catch {
    throw new OvaSourceError("the content", "it is damaged");
  }
}

const isUrl = (source: string): boolean => /^https?:\/\//i.test(source);
