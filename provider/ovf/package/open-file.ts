import { createHash, type Hash } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { OvaReadError } from "../source/ova-read-error.ts";
import { OvaSourceError } from "../source/ova-source-error.ts";
import type { OvaSource } from "../source/source.ts";
import { expectedDigest, refuseSeveralVersions } from "./expected-digest.ts";
import type { ManifestEntry } from "./manifest.ts";
import type { OvaFile, StoredPart } from "./stored-file.ts";

const GUNZIP_CHUNK_BYTES = 256 * 1024;
/**
 * The most bytes into which a file may unpack, if it is no disk or its capacity is unknown. A few megabytes can unpack
 * into very much.
 */
const MOST_UNPACKED_BYTES = 64 * 2 ** 30;
/** Tables and markers of a disk take a hundredth of it, and data that cannot be compressed grows a little. */
const DISK_OVERHEAD = 1.05;
const DISK_EXTRA_BYTES = 64 * 2 ** 20;

/** A file of an OVA on its way to the host. */
export interface OpenedFile {
  /**
   * Chunks in order, to be read once. A chunk is valid until some more have been asked for, because its memory is used
   * again. Write it or copy it before going on, as an HTTP client does with an async iterable body. If a digest, the
   * size or the compressed content is wrong, it fails at the end instead of ending. Then throw away what was sent.
   */
  readonly stream: AsyncIterable<Uint8Array>;
  /** The exact number of bytes of the stream. */
  readonly contentLength: number;
}

/** Sizes that were counted before. A retried upload must not count again. */
const countedBytes = new WeakMap<OvaFile, number>();

/**
 * A fresh stream of a file's content for the host: chunks are joined, gzip is unpacked, and every stored byte is
 * digested on the way and compared with the manifest. One pass with constant memory, as fast as the reader reads.
 *
 * Only a gzip file is read twice. The host wants an exact Content-Length, and nothing in the package gives the unpacked
 * size: DSP0243 makes `ovf:size` the size of the compressed file, and gzip's own trailer counts modulo 4 GiB and only
 * the last member. A wrong guess would fail after gigabytes on every try. So it is counted first, and digested: a
 * damaged file is found before a lease is asked for.
 * @throws OvaSourceError if counting finds the file damaged
 * @throws OvaReadError if it cannot be read just now
 */
export async function openFile(source: OvaSource, file: OvaFile, signal?: AbortSignal): Promise<OpenedFile> {
  signal?.throwIfAborted();
  const stored = () => verifiedBytes(source, file, signal);
  if (file.compression === undefined) return { stream: stored(), contentLength: file.storedBytes };
  let contentLength = countedBytes.get(file);
  if (contentLength === undefined) {
    contentLength = 0;
    const most = mostUnpacked(source, file);
    for await (const chunk of gunzipped(source, file, stored())) {
      contentLength += chunk.byteLength;
      if (contentLength <= most) continue;
      throw new OvaSourceError(
        source.location,
        `${file.href} is refused: it unpacks into more than ${most} bytes, and its disk cannot need so many`,
      );
    }
    countedBytes.set(file, contentLength);
  }
  return { stream: exactly(contentLength, source, file, gunzipped(source, file, stored())), contentLength };
}

function mostUnpacked(source: OvaSource, file: OvaFile): number {
  const capacity = source.ovf.disks.find((disk) => disk.fileRef === file.id)?.capacityBytes;
  return capacity === undefined
    ? MOST_UNPACKED_BYTES
    : Math.ceil(capacity * DISK_OVERHEAD) + DISK_EXTRA_BYTES;
}

/** The stored bytes. If a part's digest is not that of the manifest, the generator throws instead of ending. */
async function* verifiedBytes(
  source: OvaSource,
  file: OvaFile,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, void> {
  const wholeExpected = file.parts.length > 1 ? source.manifest?.entries.get(file.href) : undefined;
  const wholeHash = wholeExpected && createHash(wholeExpected.algorithm);
  for (const part of file.parts) {
    const expected = expectedDigest(source.manifest, file, part);
    const hash = expected && createHash(expected.algorithm);
    for await (const chunk of partBytes(source, part, signal)) {
      hash?.update(chunk);
      wholeHash?.update(chunk);
      yield chunk;
    }
    refuseSeveralVersions(source.location, part, expected ?? wholeExpected);
    compare(source, part.name, expected, hash);
  }
  compare(source, file.href, wholeExpected, wholeHash);
}

async function* partBytes(
  source: OvaSource,
  part: StoredPart,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, void> {
  let left = part.sizeBytes;
  for await (const chunk of part.bytes.stream(part.offset, part.sizeBytes + part.unseenBytes, signal)) {
    const content = chunk.subarray(0, left);
    left -= content.byteLength;
    if (content.byteLength > 0) yield content;
    if (chunk.subarray(content.byteLength).some((byte) => byte !== 0)) {
      throw new OvaSourceError(
        source.location,
        `there are files after ${part.name} (a manifest?) that could not be read in time, because the web server does not ` +
          "support range requests. Use a server that does, or download the file",
      );
    }
  }
}

function compare(
  source: OvaSource,
  name: string,
  expected: ManifestEntry | undefined,
  hash: Hash | undefined,
): void {
  if (expected === undefined || hash === undefined) return;
  const found = hash.digest("hex");
  if (found === expected.digest) return;
  throw new OvaSourceError(
    source.location,
    `${name} is damaged: its ${expected.algorithm.toUpperCase()} is ${found}, ` +
      `${source.manifest?.name ?? "the manifest"} says ${expected.digest}; copy or download it again`,
  );
}

async function* gunzipped(
  source: OvaSource,
  file: OvaFile,
  stored: AsyncGenerator<Uint8Array, void, void>,
): AsyncGenerator<Uint8Array, void, void> {
  const gunzip = createGunzip({ chunkSize: GUNZIP_CHUNK_BYTES });
  const input = pipeline(Readable.from(stored), gunzip);
  // It is awaited below. Until then a failure must not count as unhandled.
  input.catch(() => undefined);
  try {
    for await (const chunk of gunzip) yield chunk;
    // The digest of the last bytes is compared after the last output. Only now the file is known to be right.
    await input;
  } catch (error) {
    if (error instanceof OvaSourceError || error instanceof OvaReadError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (!code.startsWith("Z_")) throw error;
    throw new OvaSourceError(
      source.location,
      `${file.href} is not the gzip file that the descriptor says it is: ${error instanceof Error ? error.message : code}`,
      { cause: error },
    );
  } finally {
    gunzip.destroy();
  }
}

async function* exactly(
  contentLength: number,
  source: OvaSource,
  file: OvaFile,
  content: AsyncGenerator<Uint8Array, void, void>,
): AsyncGenerator<Uint8Array, void, void> {
  let left = contentLength;
  for await (const chunk of content) {
    left -= chunk.byteLength;
    if (left < 0) break;
    yield chunk;
  }
  if (left !== 0) {
    throw new OvaSourceError(source.location, `${file.href} was changed by somebody while it was being read`);
  }
}
