import { extract, type Headers } from "tar-stream";
import type { ByteSource } from "../source/byte-source.ts";
import { OvaSourceError } from "../source/ova-source-error.ts";

const BLOCK_BYTES = 512;
/** Long names and pax records have a few hundred bytes. More would be an attempt to use up memory. */
const MAX_EXTENSION_BYTES = 1024 * 1024;
/** An entry needs one of each kind. Some tools write more. */
const MAX_EXTENSIONS = 100;
/** A smaller limit, because global records are read again for every entry that follows. */
const MAX_GLOBAL_EXTENSION_BYTES = 4096;

/** The type flags that tar-stream takes as a part of the next entry: pax, GNU long names and long link names. */
const EXTENSION_FLAGS: ReadonlySet<string> = new Set(["x", "g", "L", "N", "K"]);

/** The type of tar-stream's headers, which does not name the pax records. */
interface EntryHeader extends Headers {
  readonly pax?: Readonly<Record<string, string>> | null;
}

/** The header of one entry, with the pax and GNU extensions before it. */
export interface TarHeader {
  readonly header: EntryHeader;
  /** tar's type flag, such as `0`. */
  readonly flag: string;
  /** Where the header begins and the content follows, in bytes from the start of the archive. */
  readonly offset: number;
  readonly contentOffset: number;
  /** The global pax records for the next entry, as they are stored. */
  readonly globalPax: Buffer | undefined;
}

/**
 * Reads the header at `start` and the extensions before it, but nothing of the content.
 * @param globalPax of the header before
 * @returns Undefined at the end-of-archive mark.
 * @throws OvaSourceError if there is no valid header, or if the archive ends
 */
export async function readTarHeader(
  bytes: ByteSource,
  start: number,
  globalPax: Buffer | undefined,
  signal?: AbortSignal,
): Promise<TarHeader | undefined> {
  const reader = new HeaderReader();
  let lastGlobalPax = globalPax;
  let incomplete = false;
  try {
    if (globalPax !== undefined) await reader.feed(globalPax);
    for (let [offset, extensions] = [start, 0]; ; extensions++) {
      if (extensions > MAX_EXTENSIONS) {
        throw new OvaSourceError(bytes.label, `has more than ${MAX_EXTENSIONS} extended headers in a row`);
      }
      signal?.throwIfAborted();
      const block = await bytes.read(offset, BLOCK_BYTES, signal);
      if (block.length < BLOCK_BYTES) throw truncated(bytes, "its end-of-archive mark is missing");
      if (block.every((byte) => byte === 0)) {
        if (incomplete) throw truncated(bytes, "it ends after an extended header");
        return undefined;
      }
      const flag = block.toString("latin1", 156, 157);
      const header = await reader.feed(block).catch((error: unknown) => {
        throw noTar(bytes, offset, error);
      });
      const contentOffset = offset + BLOCK_BYTES;
      if (header !== undefined) return { header, flag, offset, contentOffset, globalPax: lastGlobalPax };
      if (!EXTENSION_FLAGS.has(flag)) throw noTar(bytes, offset);

      const extension = await readExtension(bytes, block, offset, signal);
      if (extension.length > 0) await reader.feed(extension);
      // In tar-stream a later global header replaces the one before, so only the last one must be kept.
      if (flag === "g") lastGlobalPax = Buffer.concat([block, extension]);
      else incomplete = true;
      offset = contentOffset + extension.length;
    }
  } finally {
    reader.destroy();
  }
}

/**
 * A tar-stream that gets piece after piece until it knows an entry. It is then thrown away, and the content is not
 * read.
 */
class HeaderReader {
  // With this mark every write is too much for it, so that it reports each time when it has taken the bytes.
  readonly #stream = extract({ allowUnknownFormat: true, highWaterMark: 1 });
  #resolve: (header: EntryHeader | undefined) => void = () => undefined;
  #reject: (reason: unknown) => void = () => undefined;

  constructor() {
    this.#stream.on("entry", (header: EntryHeader) => this.#resolve(header));
    this.#stream.on("drain", () => this.#resolve(undefined));
    this.#stream.on("error", (error: unknown) => this.#reject(error));
  }

  /** The entry's header if these bytes complete it. Rejects if the header is not valid. */
  feed(bytes: Buffer): Promise<EntryHeader | undefined> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#stream.write(bytes);
    });
  }

  destroy(): void {
    this.#stream.destroy();
  }
}

/** The content of an extended header, with its padding. */
async function readExtension(
  bytes: ByteSource,
  block: Buffer,
  offset: number,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  // tar-stream does not show the header of an extension, and its size is needed to read exactly that.
  const octal = /^ *([0-7]+)[ \0]*$/.exec(block.toString("latin1", 124, 136))?.[1];
  if (octal === undefined) throw invalidSize(bytes, offset);
  const sizeBytes = Number.parseInt(octal, 8);
  const isGlobal = block[156] === "g".charCodeAt(0);
  if (sizeBytes > (isGlobal ? MAX_GLOBAL_EXTENSION_BYTES : MAX_EXTENSION_BYTES)) {
    throw new OvaSourceError(bytes.label, `has an extended tar header of ${sizeBytes} bytes`);
  }
  const content = await bytes.read(offset + BLOCK_BYTES, paddedSize(sizeBytes), signal);
  if (content.length < paddedSize(sizeBytes)) throw truncated(bytes, "it ends within an extended header");
  return content;
}

/** Content fills whole blocks. */
export function paddedSize(sizeBytes: number): number {
  return Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
}

export function invalidSize(bytes: ByteSource, offset: number): OvaSourceError {
  return new OvaSourceError(bytes.label, `the tar header at byte ${offset} has no valid size`);
}

export function truncated(bytes: ByteSource, detail: string): OvaSourceError {
  return new OvaSourceError(bytes.label, `the archive is truncated: ${detail}; copy or download it again`);
}

function noTar(bytes: ByteSource, offset: number, cause?: unknown): OvaSourceError {
  if (offset > 0) {
    return new OvaSourceError(
      bytes.label,
      `the archive is damaged: there is no valid tar header at byte ${offset}; copy or download it again`,
      { cause },
    );
  }
  return new OvaSourceError(bytes.label, "is neither a tar archive (.ova) nor an OVF descriptor (.ovf)");
}
