/**
 * Random and sequential access to the bytes of one file, local or behind a URL.
 */
export interface ByteSource {
  /** The file or URL in a form that may be shown: without credentials and query. */
  readonly label: string;
  readonly sizeBytes: number;
  /** Milliseconds since 1970 for a local file. Undefined for a URL. */
  readonly mtimeMs: number | undefined;
  /**
   * Whether reading at an offset is cheap. False for a web server without range requests: it transfers every byte
   * before the offset, and these are thrown away.
   */
  readonly seekable: boolean;
  /**
   * Identifies this version of the file if its end cannot be read cheaply (ETag or Last-Modified of a server without
   * range requests). Undefined otherwise.
   */
  readonly validator: string | undefined;
  /**
   * Whether answers named different versions of the file (ETag or Last-Modified), all of the same size. One URL of a
   * CDN may lead to servers that name the same bytes differently. Only digests can tell that from a file that was
   * changed.
   */
  readonly hasSeveralVersions: boolean;

  /**
   * The bytes from offset on: `lengthBytes` of them, fewer only at the end of the file.
   * @throws OvaReadError if they cannot be read now
   * @throws OvaSourceError if the file has changed since it was opened
   */
  read(offset: number, lengthBytes: number, signal?: AbortSignal): Promise<Buffer>;

  /**
   * Streams exactly `lengthBytes` bytes from offset on, in large chunks.
   * A chunk is only valid until the chunk after the next has been asked for: its memory is used again.
   * @throws OvaReadError if they cannot be read now
   * @throws OvaSourceError if the file is shorter than it was when it was opened, or has changed
   */
  stream(offset: number, lengthBytes: number, signal?: AbortSignal): AsyncGenerator<Uint8Array, void, void>;

  close(): Promise<void>;
}
