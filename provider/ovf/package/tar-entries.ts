import type { ByteSource } from "../source/byte-source.ts";
import { OvaSourceError } from "../source/ova-source-error.ts";
import { safeName } from "./safe-name.ts";
import { invalidSize, paddedSize, readTarHeader, type TarHeader, truncated } from "./tar-header.ts";
import { UnsafeNameError } from "./unsafe-name-error.ts";

/** Files, folders and all other entries. An OVA has a few. */
const MAX_ENTRIES = 10_000;
/** In characters. Longer than any path that a file system allows. */
const MAX_NAME_LENGTH = 4096;

/** A GNU volume label and Solaris access lists are not entries. */
const IGNORED_FLAGS: ReadonlySet<string> = new Set(["V", "A"]);

/** One file, folder or link of a tar archive. */
export interface TarEntry {
  /** Checked, and without a leading `./`. */
  readonly name: string;
  /** `file`, or another kind, such as `symlink`. */
  readonly kind: "file" | string;
  /** Where the content begins, in bytes from the start of the archive. */
  readonly offset: number;
  readonly sizeBytes: number;
  /** Where the next header is. */
  readonly nextOffset: number;
}

/**
 * Reads the headers of a tar archive one after the other and skips the contents: ustar, GNU and pax. Ends after the
 * end-of-archive mark. A consumer may stop earlier.
 * @throws OvaSourceError if it is not a whole, well-formed archive with safe and unique names
 */
export async function* tarEntries(
  bytes: ByteSource,
  signal?: AbortSignal,
): AsyncGenerator<TarEntry, void, void> {
  const names = new Set<string>();
  let found = await readTarHeader(bytes, 0, undefined, signal);
  for (let count = 1; found !== undefined; count++) {
    if (count > MAX_ENTRIES) {
      throw new OvaSourceError(
        bytes.label,
        `holds more than ${MAX_ENTRIES} files, folders and other entries`,
      );
    }
    const sizeBytes = contentSize(bytes, found);
    const nextOffset = found.contentOffset + paddedSize(sizeBytes);
    if (!IGNORED_FLAGS.has(found.flag)) {
      const entry = toEntry(bytes, found, sizeBytes, nextOffset);
      if (entry.kind === "file") {
        if (names.has(entry.name)) {
          throw new OvaSourceError(bytes.label, `holds two files named ${JSON.stringify(entry.name)}`);
        }
        names.add(entry.name);
      }
      yield entry;
    }
    found = await readTarHeader(bytes, nextOffset, found.globalPax, signal);
  }
}

/** Bytes of content that follow the header. */
function contentSize(bytes: ByteSource, { header, offset }: TarHeader): number {
  const { size, pax } = header;
  // tar-stream reads a pax size only up to the first character that is no digit.
  const isWhole = pax?.size === undefined || /^\d+$/.test(pax.size);
  if (!isWhole || typeof size !== "number" || !Number.isSafeInteger(size)) throw invalidSize(bytes, offset);
  return header.type === "directory" ? 0 : size;
}

function toEntry(bytes: ByteSource, found: TarHeader, sizeBytes: number, nextOffset: number): TarEntry {
  const { header, flag, contentOffset } = found;
  const kind = kindOf(found);
  // "./" is the folder that was packed. It names nothing inside the archive.
  const name = kind === "directory" && /^(\.?\/*)$/.test(header.name) ? "." : checkedName(bytes, header.name);
  const contentEnd = contentOffset + sizeBytes;
  if (contentEnd > bytes.sizeBytes) {
    throw truncated(
      bytes,
      `${name} ends at byte ${contentEnd}, but the archive ends at byte ${bytes.sizeBytes}`,
    );
  }
  if (flag === "S" || Object.keys(header.pax ?? {}).some((key) => key.startsWith("GNU.sparse."))) {
    throw new OvaSourceError(bytes.label, `${name} is a GNU sparse file; pack the archive without --sparse`);
  }
  return { name, kind, offset: contentOffset, sizeBytes, nextOffset };
}

function kindOf({ header, flag }: TarHeader): string {
  if (header.type === "contiguous-file") return "file";
  // Archives older than ustar have no flag for folders.
  if (header.type === "file" && header.name.endsWith("/")) return "directory";
  return header.type ?? `tar type ${JSON.stringify(flag)}`;
}

function checkedName(bytes: ByteSource, name: string): string {
  if (name.length > MAX_NAME_LENGTH) {
    throw new OvaSourceError(
      bytes.label,
      `the archive is refused: a name in it has ${name.length} characters`,
    );
  }
  try {
    return safeName(name);
  } catch (error) {
    if (!(error instanceof UnsafeNameError)) throw error;
    throw new OvaSourceError(bytes.label, `the archive is refused: ${error.message}`, { cause: error });
  }
}
