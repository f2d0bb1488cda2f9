import { Header } from "tar/header";
import { Pax } from "tar/pax";
import type { ByteSource } from "./byte-source.ts";
import { OvaSourceError } from "./ova-source-error.ts";
import { safeName } from "./safe-name.ts";
import { UnsafeNameError } from "./unsafe-name-error.ts";

const BLOCK_BYTES = 512;
/** Long names and pax records are a few hundred bytes; more is an attempt to make us read. */
const MAX_EXTENSION_BYTES = 1024 * 1024;
const MAX_ENTRIES = 10_000;

const CONTENT_TYPES: ReadonlySet<string> = new Set(["File", "OldFile", "ContiguousFile"]);
const LONG_NAME_TYPES: ReadonlySet<string> = new Set(["NextFileHasLongPath", "OldGnuLongPath"]);
const IGNORED_TYPES: ReadonlySet<string> = new Set([
  "NextFileHasLongLinkpath",
  "TapeVolumeHeader",
  "SolarisACL",
]);

/** One file, folder or link of a tar archive. */
export interface TarEntry {
  /** Checked, without a leading `./`. */
  readonly name: string;
  /** `file`, or what else it is, such as `SymbolicLink`. */
  readonly kind: "file" | string;
  /** Where the content begins, in bytes from the start of the archive. */
  readonly offset: number;
  readonly sizeBytes: number;
  /** Where the next header is. */
  readonly nextOffset: number;
}

/**
 * Reads the headers of a tar archive one after the other and skips the contents: ustar, GNU and pax.
 * Ends after the end-of-archive mark; a consumer may stop earlier.
 * @throws OvaSourceError for anything that is no whole, well-formed archive with safe, unique names
 */
export async function* tarEntries(
  bytes: ByteSource,
  signal?: AbortSignal,
): AsyncGenerator<TarEntry, void, void> {
  const names = new Set<string>();
  let offset = 0;
  let longName: string | undefined;
  let pax: Pax | undefined;
  let globalPax: Pax | undefined;
  for (;;) {
    signal?.throwIfAborted();
    const block = await bytes.read(offset, BLOCK_BYTES, signal);
    if (block.length < BLOCK_BYTES) throw truncated(bytes, "its end-of-archive mark is missing");
    const header = decodeHeader(bytes, block, offset, pax, globalPax);
    if (header.nullBlock) {
      if (longName !== undefined || pax !== undefined)
        throw truncated(bytes, "it ends after an extended header");
      return;
    }
    if (!header.cksumValid) throw noTar(bytes, block, offset);
    const sizeBytes = header.size;
    if (sizeBytes === undefined || !Number.isSafeInteger(sizeBytes)) {
      throw new OvaSourceError(bytes.label, `the tar header at byte ${offset} has no valid size`);
    }
    const contentOffset = offset + BLOCK_BYTES;
    const contentEnd = contentOffset + sizeBytes;
    const nextOffset = contentOffset + Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
    const type: string = header.type;

    if (type === "ExtendedHeader" || type === "GlobalExtendedHeader" || LONG_NAME_TYPES.has(type)) {
      const text = await readExtension(bytes, contentOffset, sizeBytes, signal);
      if (type === "ExtendedHeader") pax = Pax.parse(text, pax);
      else if (type === "GlobalExtendedHeader") globalPax = Pax.parse(text, globalPax, true);
      else longName = text.replace(/\0.*$/s, "");
    } else if (!IGNORED_TYPES.has(type)) {
      // node-tar puts the ustar prefix before a pax path too, so the pax path is taken from its record.
      const writtenName = pax?.path ?? longName ?? header.path ?? "";
      // "./" is the folder that was packed; it names nothing inside the archive.
      const name =
        type === "Directory" && /^(\.?\/*)$/.test(writtenName) ? "." : checkedName(bytes, writtenName);
      if (contentEnd > bytes.sizeBytes) {
        throw truncated(bytes, `${name} ends at byte ${contentEnd}, the archive at byte ${bytes.sizeBytes}`);
      }
      if (type === "SparseFile") {
        throw new OvaSourceError(
          bytes.label,
          `${name} is a GNU sparse file; pack the archive without --sparse`,
        );
      }
      const isFile = CONTENT_TYPES.has(type);
      if (isFile && names.has(name)) {
        throw new OvaSourceError(bytes.label, `holds two files named ${JSON.stringify(name)}`);
      }
      if (isFile) names.add(name);
      if (names.size > MAX_ENTRIES) {
        throw new OvaSourceError(bytes.label, `holds more than ${MAX_ENTRIES} files`);
      }
      yield { name, kind: isFile ? "file" : type, offset: contentOffset, sizeBytes, nextOffset };
      pax = undefined;
      longName = undefined;
    }
    offset = nextOffset;
  }
}

/** node-tar throws on numbers that no JavaScript number can hold, before it has looked at the checksum. */
function decodeHeader(bytes: ByteSource, block: Buffer, offset: number, pax?: Pax, globalPax?: Pax): Header {
  try {
    return new Header(block, 0, pax, globalPax);
  } catch (error) {
    throw noTar(bytes, block, offset, error);
  }
}

async function readExtension(
  bytes: ByteSource,
  offset: number,
  sizeBytes: number,
  signal: AbortSignal | undefined,
): Promise<string> {
  if (sizeBytes > MAX_EXTENSION_BYTES) {
    throw new OvaSourceError(bytes.label, `has an extended tar header of ${sizeBytes} bytes`);
  }
  const content = await bytes.read(offset, sizeBytes, signal);
  if (content.length < sizeBytes) throw truncated(bytes, "it ends within an extended header");
  return content.toString("utf8");
}

function checkedName(bytes: ByteSource, name: string): string {
  try {
    return safeName(name);
  } catch (error) {
    if (!(error instanceof UnsafeNameError)) throw error;
    throw new OvaSourceError(bytes.label, `the archive is refused: ${error.message}`, { cause: error });
  }
}

function truncated(bytes: ByteSource, detail: string): OvaSourceError {
  return new OvaSourceError(bytes.label, `the archive is truncated: ${detail}; copy or download it again`);
}

function noTar(bytes: ByteSource, block: Buffer, offset: number, cause?: unknown): OvaSourceError {
  if (offset > 0) {
    return new OvaSourceError(
      bytes.label,
      `the archive is damaged: there is no valid tar header at byte ${offset}; copy or download it again`,
      { cause },
    );
  }
  if (block[0] === 0x1f && block[1] === 0x8b) {
    return new OvaSourceError(bytes.label, "is compressed with gzip; run gunzip on it first");
  }
  return new OvaSourceError(bytes.label, "is neither a tar archive (.ova) nor an OVF descriptor (.ovf)");
}
