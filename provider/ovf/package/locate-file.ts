import type { OvfFileReference } from "../descriptor/descriptor.ts";
import { nearestName } from "../did-you-mean.ts";
import { OvaSourceError } from "../source/ova-source-error.ts";
import type { FilePackage } from "./file-package.ts";
import { namesOfHref } from "./safe-name.ts";
import type { OvaFile, StoredPart } from "./stored-file.ts";

/** Enough for a disk of two terabytes in chunks of one gigabyte. */
const MAX_CHUNKS = 2000;

/**
 * Finds where a file of References is stored: under its name, or in chunks `name.000000000`, `name.000000001`, ….
 * @throws OvaSourceError if it is not there, or its chunks are not complete
 * @throws UnsafeNameError if its href leaves the package
 */
export async function locateFile(
  location: string,
  files: FilePackage,
  reference: OvfFileReference,
  signal?: AbortSignal,
): Promise<OvaFile> {
  const parts = await findParts(location, files, reference, signal);
  const { id, href, compression, chunkSizeBytes } = reference;
  return { id, href, compression, chunkSizeBytes, storedBytes: sum(parts), parts };
}

async function findParts(
  location: string,
  files: FilePackage,
  reference: OvfFileReference,
  signal: AbortSignal | undefined,
): Promise<readonly StoredPart[]> {
  for (const name of namesOfHref(reference.href)) {
    const chunkSize = reference.chunkSizeBytes;
    // Some tools store a file that is not larger than one chunk under its own name.
    const chunks = chunkSize === undefined ? [] : await findChunks(location, files, name, reference, signal);
    if (chunkSize !== undefined && chunks.length > 0) {
      checkChunks(location, files, name, reference, chunkSize, chunks);
      return chunks;
    }
    const whole = await files.find(name, signal);
    if (whole !== undefined) return [whole];
  }
  const meant = nearestName(reference.href, files.names ?? []);
  throw new OvaSourceError(
    location,
    `the descriptor's References name the file ${JSON.stringify(reference.href)}, which is not there` +
      (reference.chunkSizeBytes === undefined ? "" : ` (nor its first chunk ${reference.href}.000000000)`) +
      (meant === undefined ? "" : `; is it ${JSON.stringify(meant)}? Then rename one of the two`),
  );
}

/**
 * Reads up to the stated size, or to the first chunk that is not there. Some web servers have a page for every name.
 */
async function findChunks(
  location: string,
  files: FilePackage,
  name: string,
  { sizeBytes }: OvfFileReference,
  signal: AbortSignal | undefined,
): Promise<readonly StoredPart[]> {
  const chunks: StoredPart[] = [];
  for (let stored = 0; chunks.length === 0 || stored !== sizeBytes; ) {
    if (chunks.length === MAX_CHUNKS) {
      throw new OvaSourceError(location, `${name} is stored in more than ${MAX_CHUNKS} chunks`);
    }
    const chunk = await files.find(chunkName(name, chunks.length), signal);
    if (chunk === undefined) break;
    chunks.push(chunk);
    stored += chunk.sizeBytes;
  }
  return chunks;
}

function checkChunks(
  location: string,
  files: FilePackage,
  name: string,
  reference: OvfFileReference,
  chunkSizeBytes: number,
  chunks: readonly StoredPart[],
): void {
  const refuse = (problem: string): never => {
    throw new OvaSourceError(location, `${name} is stored in chunks, and ${problem}`);
  };
  const wrong = chunks.find((chunk, index) => {
    const isLast = index === chunks.length - 1;
    return isLast ? chunk.sizeBytes > chunkSizeBytes : chunk.sizeBytes !== chunkSizeBytes;
  });
  if (wrong !== undefined) {
    refuse(`${wrong.name} has ${wrong.sizeBytes} bytes where ovf:chunkSize says ${chunkSizeBytes}`);
  }
  const missing = chunkName(name, chunks.length);
  const beyond = files.names?.find(
    (other) =>
      other.startsWith(`${name}.`) && /^\d{9}$/.test(other.slice(name.length + 1)) && other > missing,
  );
  if (beyond !== undefined) refuse(`${missing} is missing although ${beyond} is there`);
  const described = reference.compression === undefined ? reference.sizeBytes : undefined;
  if (described !== undefined && sum(chunks) < described) {
    refuse(`${missing} is missing: the chunks have ${sum(chunks)} bytes, ovf:size says ${described}`);
  }
}

function chunkName(name: string, index: number): string {
  return `${name}.${String(index).padStart(9, "0")}`;
}

function sum(parts: readonly StoredPart[]): number {
  return parts.reduce((total, part) => total + part.sizeBytes, 0);
}
