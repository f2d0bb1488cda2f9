import type { ByteSource } from "../source/byte-source.ts";

/** A range of bytes of the archive, or a whole file of the folder. */
export interface StoredPart {
  /** Name in the archive or folder. The manifest uses the same name. */
  readonly name: string;
  readonly bytes: ByteSource;
  /** Name in the archive. Undefined for a file of its own. */
  readonly member?: string | undefined;
  /** Counted from the start of `bytes`. */
  readonly offset: number;
  readonly sizeBytes: number;
  /**
   * Bytes of the archive after this part that nobody has read, because the web server cannot skip the part's content.
   * They must turn out to be only the archive's end. 0 if everything is known.
   */
  readonly unseenBytes: number;
}

/** One file of the OVF's References, and where it is stored. */
export interface OvaFile {
  readonly id: string;
  readonly href: string;
  readonly compression: "gzip" | undefined;
  /** Size of each part except the last, in bytes, if the file is stored in parts. */
  readonly chunkSizeBytes: number | undefined;
  /** Bytes in the archive or folder: the sum of the parts. Only for gzip, the upload has another size. */
  readonly storedBytes: number;
  /** In order. More than one only if the file is stored in chunks. */
  readonly parts: readonly StoredPart[];
}

/** Stored bytes from an offset on, across the borders of parts. Fewer only at the end of the file. */
export async function readStored(
  file: OvaFile,
  offset: number,
  lengthBytes: number,
  signal?: AbortSignal,
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let skip = offset;
  let left = lengthBytes;
  for (const part of file.parts) {
    if (left <= 0) break;
    const take = Math.min(left, part.sizeBytes - skip);
    if (take > 0) {
      pieces.push(await part.bytes.read(part.offset + skip, take, signal));
      left -= take;
      skip = 0;
    } else {
      skip -= part.sizeBytes;
    }
  }
  return Buffer.concat(pieces);
}
