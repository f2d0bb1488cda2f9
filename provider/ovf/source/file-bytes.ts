import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { meantFile } from "../package/missing-file.ts";
import type { ByteSource } from "./byte-source.ts";
import { OvaReadError } from "./ova-read-error.ts";
import { OvaSourceError } from "./ova-source-error.ts";

const READ_BYTES = 1024 * 1024;

/**
 * Read buffers are used in turn. Fresh ones would cost page faults, and leave hundreds of megabytes to the garbage
 * collector. A consumer that awaits each write holds one chunk. `Readable.from` plus a transform holds about four.
 */
const RING_BUFFERS = 8;

const refusals: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file (part of the path is not a folder)",
  EACCES: "permission to read it is missing",
  EPERM: "permission to read it is missing",
  ENAMETOOLONG: "the path is too long",
  ELOOP: "the path has a loop of symbolic links",
};

/**
 * Opens a local regular file.
 * @throws OvaSourceError if it does not exist, is not a regular file or may not be read
 */
export async function openFileBytes(path: string): Promise<ByteSource> {
  let handle: FileHandle | undefined;
  try {
    // Non-blocking, because opening a FIFO without a writer would hang.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await handle.stat();
    if (stat.isDirectory()) throw new OvaSourceError(path, "is a folder, not a file");
    if (!stat.isFile()) throw new OvaSourceError(path, "is not a regular file");
    return new FileBytes(path, handle, stat.size, Math.trunc(stat.mtimeMs));
  } catch (error) {
    await handle?.close();
    if (error instanceof OvaSourceError) throw error;
    throw readProblem(path, error, codeOf(error) === "ENOENT" ? await meantFile(path) : "");
  }
}

class FileBytes implements ByteSource {
  readonly label: string;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  readonly seekable = true;
  readonly validator = undefined;
  readonly hasSeveralVersions = false;
  readonly #handle: FileHandle;

  constructor(label: string, handle: FileHandle, sizeBytes: number, mtimeMs: number) {
    this.label = label;
    this.#handle = handle;
    this.sizeBytes = sizeBytes;
    this.mtimeMs = mtimeMs;
  }

  async read(offset: number, lengthBytes: number, signal?: AbortSignal): Promise<Buffer> {
    signal?.throwIfAborted();
    const wanted = Math.max(0, Math.min(lengthBytes, this.sizeBytes - offset));
    const buffer = Buffer.alloc(wanted);
    const got = await this.#readInto(buffer, offset, wanted);
    if (got < wanted) throw this.#changed();
    return buffer;
  }

  async *stream(
    offset: number,
    lengthBytes: number,
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, void> {
    const end = offset + lengthBytes;
    const ring: Buffer[] = [];
    let turn = 0;
    const readNext = async (position: number): Promise<Uint8Array> => {
      const size = Math.min(READ_BYTES, end - position);
      const slot = turn++ % RING_BUFFERS;
      const buffer = ring[slot] ?? Buffer.allocUnsafeSlow(Math.min(READ_BYTES, lengthBytes));
      ring[slot] = buffer;
      const got = await this.#readInto(buffer, position, size);
      if (got < size) throw this.#changed();
      // Before a byte of another content is sent: a host would call it damaged, and not say why.
      await this.#expectUnchanged();
      return buffer.subarray(0, size);
    };
    let position = offset;
    let ahead = position < end ? readNext(position) : undefined;
    try {
      while (ahead !== undefined) {
        const chunk: Uint8Array = await ahead;
        ahead = undefined;
        signal?.throwIfAborted();
        position += chunk.byteLength;
        // The next read runs while the consumer digests and sends this chunk.
        if (position < end) ahead = readNext(position);
        yield chunk;
      }
    } finally {
      // A read that nobody waits for must not become an unhandled rejection, and must end before the file is closed.
      await ahead?.catch(() => undefined);
    }
    await this.#expectUnchanged();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #readInto(buffer: Buffer, position: number, wanted: number): Promise<number> {
    let got = 0;
    try {
      while (got < wanted) {
        const { bytesRead } = await this.#handle.read(buffer, got, wanted - got, position + got);
        if (bytesRead === 0) break;
        got += bytesRead;
      }
    } catch (error) {
      throw readProblem(this.label, error);
    }
    return got;
  }

  async #expectUnchanged(): Promise<void> {
    const now = await this.#handle.stat();
    if (now.size !== this.sizeBytes || Math.trunc(now.mtimeMs) !== this.mtimeMs) throw this.#changed();
  }

  #changed(): OvaSourceError {
    return new OvaSourceError(
      this.label,
      "was changed by somebody while it was being read; run again once it is complete",
    );
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "";

/** @param hint The end of the sentence: which file may be meant. */
function readProblem(path: string, error: unknown, hint = ""): OvaSourceError | OvaReadError {
  const refusal = refusals[codeOf(error)];
  if (refusal !== undefined) return new OvaSourceError(path, `${refusal}${hint}`, { cause: error });
  return new OvaReadError(path, `reading failed: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
}
