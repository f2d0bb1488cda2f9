import type { ByteSource } from "./byte-source.ts";
import { type HttpAnswer, HttpClient, slice } from "./http-client.ts";
import { OvaReadError } from "./ova-read-error.ts";
import { OvaSourceError } from "./ova-source-error.ts";

/** Small reads fetch so much at once, so that tar headers, descriptor, manifest and first sectors need few requests. */
const WINDOW_BYTES = 64 * 1024;

/**
 * Opens a file behind an `http(s)` URL, and finds its size and whether the server supports range requests.
 * @param requestTimeoutSeconds limit of one small request, and of silence within a long transfer
 * @returns Undefined if the server says that there is no such file and `mayBeMissing` is set.
 * @throws OvaSourceError if the server refuses or does not give the size
 * @throws OvaReadError if the server does not answer, or answers with a 5xx
 */
export async function openHttpBytes(
  location: string,
  options: { requestTimeoutSeconds: number; mayBeMissing?: boolean; signal?: AbortSignal | undefined },
): Promise<ByteSource | undefined> {
  const client = new HttpClient(location, options.requestTimeoutSeconds);
  try {
    const first = await client.get(`bytes=0-${WINDOW_BYTES - 1}`, options.signal, true);
    if (options.mayBeMissing === true && [403, 404, 410].includes(first.status)) {
      // Object stores answer 403 for a missing file if the user may not list the folder.
      first.abandon();
      await client.close();
      return undefined;
    }
    if (first.status === 416) throw new OvaSourceError(client.label, "is empty");
    client.expectSuccess(first.status);
    const size = sizeOf(first);
    if (size === undefined) {
      throw new OvaSourceError(
        client.label,
        "the web server does not tell the size of the file (no Content-Length); download it and use the local file",
      );
    }
    const head = await client.collect(first, 0, Math.min(WINDOW_BYTES, size));
    return new HttpBytes(client, size, first.status === 206, versionOf(first.headers), head);
  } catch (error) {
    await client.close();
    throw error;
  }
}

class HttpBytes implements ByteSource {
  readonly label: string;
  readonly sizeBytes: number;
  readonly mtimeMs = undefined;
  readonly seekable: boolean;
  readonly #client: HttpClient;
  readonly #version: string | undefined;
  #hasSeveralVersions = false;
  #window: { readonly offset: number; readonly bytes: Buffer };

  constructor(
    client: HttpClient,
    sizeBytes: number,
    seekable: boolean,
    version: string | undefined,
    head: Buffer,
  ) {
    this.#client = client;
    this.label = client.label;
    this.sizeBytes = sizeBytes;
    this.seekable = seekable;
    this.#version = version;
    this.#window = { offset: 0, bytes: head };
  }

  get validator(): string | undefined {
    return this.seekable ? undefined : this.#version;
  }

  get hasSeveralVersions(): boolean {
    return this.#hasSeveralVersions;
  }

  async read(offset: number, lengthBytes: number, signal?: AbortSignal): Promise<Buffer> {
    const wanted = Math.max(0, Math.min(lengthBytes, this.sizeBytes - offset));
    const cached = this.#fromWindow(offset, wanted);
    if (cached !== undefined) return cached;
    const fetched = Math.min(Math.max(wanted, WINDOW_BYTES), this.sizeBytes - offset);
    const answer = await this.#get(offset, fetched, signal, this.seekable);
    const bytes = await this.#client.collect(answer, this.seekable ? 0 : offset, fetched);
    this.#window = { offset, bytes };
    return bytes.subarray(0, wanted);
  }

  async *stream(
    offset: number,
    lengthBytes: number,
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, void> {
    if (lengthBytes === 0) return;
    const cached = this.#fromWindow(offset, lengthBytes);
    if (cached !== undefined) {
      yield cached;
      return;
    }
    const answer = await this.#get(offset, lengthBytes, signal, false);
    let got = 0;
    try {
      for await (const part of slice(answer.body, this.seekable ? 0 : offset, lengthBytes)) {
        got += part.byteLength;
        yield part;
      }
    } finally {
      answer.abandon();
    }
    if (got < lengthBytes) throw this.#client.short();
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  #fromWindow(offset: number, lengthBytes: number): Buffer | undefined {
    const start = offset - this.#window.offset;
    if (start < 0 || start + lengthBytes > this.#window.bytes.length) return undefined;
    return this.#window.bytes.subarray(start, start + lengthBytes);
  }

  async #get(offset: number, lengthBytes: number, signal: AbortSignal | undefined, limited: boolean) {
    const range = this.seekable ? `bytes=${offset}-${offset + lengthBytes - 1}` : undefined;
    const answer = await this.#client.get(range, signal, limited);
    try {
      this.#client.expectSuccess(answer.status);
      const ranged = answer.status === 206;
      if (ranged !== this.seekable || (ranged && !rangeStartsAt(answer.headers, offset))) {
        throw new OvaReadError(this.label, "the web server answered a range request with other bytes");
      }
      if (versionOf(answer.headers) !== this.#version) this.#hasSeveralVersions = true;
      if (sizeOf(answer) !== this.sizeBytes) {
        throw new OvaSourceError(
          this.label,
          "was changed on the web server while it was being read; run again",
        );
      }
      return answer;
    } catch (error) {
      answer.abandon();
      throw error;
    }
  }
}

function header(headers: HttpAnswer["headers"], name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Size of the whole file in bytes: from `Content-Range`, or from `Content-Length` of a plain answer. */
function sizeOf(answer: HttpAnswer): number | undefined {
  const text =
    answer.status === 206
      ? /^bytes \d+-\d+\/(\d+)$/.exec(header(answer.headers, "content-range") ?? "")?.[1]
      : header(answer.headers, "content-length");
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

function versionOf(headers: HttpAnswer["headers"]): string | undefined {
  // A weak tag names the same version as the strong tag with the same text.
  return header(headers, "etag")?.replace(/^W\//, "") ?? header(headers, "last-modified");
}

function rangeStartsAt(headers: HttpAnswer["headers"], offset: number): boolean {
  return (header(headers, "content-range") ?? "").startsWith(`bytes ${offset}-`);
}
