import type { ByteSource } from "../source/byte-source.ts";

/** A run of bytes of the archive, or a whole file of the folder. */
export interface StoredPart {
  /** Name in the archive or folder, which is also the one that the manifest uses. */
  readonly name: string;
  readonly bytes: ByteSource;
  /** Name as the archive has it; undefined for a file of its own. */
  readonly member?: string | undefined;
  /** From the start of `bytes`. */
  readonly offset: number;
  readonly sizeBytes: number;
  /**
   * Bytes of the archive from the end of this part on that nobody has looked at, since the web server cannot skip
   * the part's content; they must turn out to be no more than the archive's end. 0 if all is known.
   */
  readonly unseenBytes: number;
}

/** One file of the OVF's References, and where it is stored. */
export interface OvaFile {
  readonly id: string;
  readonly href: string;
  readonly compression: "gzip" | undefined;
  /** Size of each part but the last, in bytes, of a file that is stored in parts. */
  readonly chunkSizeBytes: number | undefined;
  /** Bytes stored in the archive or folder: the sum of the parts. What is uploaded differs for gzip only. */
  readonly storedBytes: number;
  /** In order; more than one only for a file that is stored in chunks. */
  readonly parts: readonly StoredPart[];
}

/** Stored bytes from an offset on, over the borders of parts; fewer only at the end of the file. */
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
