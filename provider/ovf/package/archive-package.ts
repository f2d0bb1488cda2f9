import type { ByteSource } from "../source/byte-source.ts";
import { OvaSourceError } from "../source/ova-source-error.ts";
import type { FilePackage } from "./file-package.ts";
import { safeName } from "./safe-name.ts";
import type { StoredPart } from "./stored-file.ts";
import { type TarEntry, tarEntries } from "./tar-entries.ts";

/** How many bytes may be transferred only to be skipped, if an archive is on a server without range requests. */
const SKIP_BUDGET_BYTES = 32 * 1024 * 1024;

/**
 * Looks through an OVA. If skipping is cheap, it reads every header, in whatever order the files are. Without range
 * requests it stops before the first large file. The standard's order has a descriptor, a manifest and small files
 * before it, and they are enough for one disk.
 * @throws OvaSourceError if the archive is truncated or damaged, has unsafe names, or has no descriptor or several
 */
export async function openArchivePackage(bytes: ByteSource, signal?: AbortSignal): Promise<FilePackage> {
  const entries: TarEntry[] = [];
  let skipped = 0;
  let unseenBytes = 0;
  for await (const entry of tarEntries(bytes, signal)) {
    entries.push(entry);
    skipped += entry.sizeBytes;
    if (!bytes.seekable && skipped > SKIP_BUDGET_BYTES) {
      unseenBytes = bytes.sizeBytes - (entry.offset + entry.sizeBytes);
      break;
    }
  }
  const files = entries.filter((entry) => entry.kind === "file");
  const others = new Map(
    entries.filter((entry) => entry.kind !== "file").map((entry) => [entry.name, entry.kind]),
  );
  const last = entries.at(-1);

  const descriptorEntry = onlyDescriptor(bytes, files, unseenBytes > 0);
  const manifestEntry = manifestOf(bytes, files, descriptorEntry.name);
  const folder = folderOf(descriptorEntry.name);
  const toPart = (entry: TarEntry): StoredPart => ({
    name: within(folder, entry.name),
    bytes,
    member: entry.name,
    offset: entry.offset,
    sizeBytes: entry.sizeBytes,
    // If the manifest is known, nothing that follows can matter.
    unseenBytes: entry === last && manifestEntry === undefined ? unseenBytes : 0,
  });
  const parts = new Map(files.map((entry) => [entry.name, toPart(entry)]));

  return {
    descriptor: toPart(descriptorEntry),
    folder,
    manifest: manifestEntry && toPart(manifestEntry),
    names: [...parts.values()].map((part) => part.name),
    async find(name) {
      const safe = safeName(name);
      // People pack the folder of an OVF. Some tools then write names that start at the archive's root.
      const places = folder === "" ? [safe] : [`${folder}/${safe}`, safe];
      const place = places.find((candidate) => parts.has(candidate) || others.has(candidate)) ?? safe;
      const part = parts.get(place);
      if (part !== undefined) return part;
      const kind = others.get(place);
      if (kind !== undefined)
        throw new OvaSourceError(bytes.label, `${name} is stored as ${kind}, not as a file`);
      if (unseenBytes > 0) throw outOfReach(bytes, name, last?.name ?? "");
      return undefined;
    },
    close: () => bytes.close(),
  };
}

function onlyDescriptor(bytes: ByteSource, files: readonly TarEntry[], incomplete: boolean): TarEntry {
  const descriptors = files.filter((entry) => /\.ovf$/i.test(entry.name) && !isMacMetadata(entry.name));
  const first = descriptors[0];
  if (first === undefined) {
    if (incomplete) throw outOfReach(bytes, "the descriptor (.ovf)", files.at(-1)?.name ?? "");
    throw new OvaSourceError(bytes.label, `the archive has no OVF descriptor (.ovf). ${contentsOf(files)}`);
  }
  if (descriptors.length > 1) {
    const names = descriptors.map((entry) => entry.name).join(", ");
    throw new OvaSourceError(
      bytes.label,
      `the archive has ${descriptors.length} OVF descriptors (${names}); one is needed`,
    );
  }
  return first;
}

function contentsOf(files: readonly TarEntry[]): string {
  if (files.length === 0) return "It has no file at all";
  const names = files.slice(0, 5).map(({ name }) => JSON.stringify(name));
  const more = files.length > names.length ? ` and ${files.length - names.length} more` : "";
  return `It has ${names.join(", ")}${more}; an OVA has the .ovf as its first file`;
}

function manifestOf(
  bytes: ByteSource,
  files: readonly TarEntry[],
  descriptorName: string,
): TarEntry | undefined {
  const manifests = files.filter((entry) => /\.mf$/i.test(entry.name) && !isMacMetadata(entry.name));
  const name = descriptorName.replace(/\.ovf$/i, ".mf");
  const own =
    manifests.find((entry) => entry.name === name) ??
    manifests.find((entry) => entry.name.toLowerCase() === name.toLowerCase());
  if (own === undefined && manifests.length > 1) {
    const names = manifests.map((entry) => entry.name).join(", ");
    throw new OvaSourceError(
      bytes.label,
      `the archive has several manifests (${names}), none named like the descriptor`,
    );
  }
  return own ?? manifests[0];
}

/** Without a slash at its end. Empty for the archive's root. */
const folderOf = (name: string): string => name.slice(0, Math.max(0, name.lastIndexOf("/")));

/** A name relative to the folder, if it is in the folder. */
const within = (folder: string, name: string): string =>
  folder !== "" && name.startsWith(`${folder}/`) ? name.slice(folder.length + 1) : name;

/** The tar of macOS adds a file `._name` with extended attributes for each file. */
function isMacMetadata(name: string): boolean {
  return (name.split("/").at(-1) ?? "").startsWith("._");
}

function outOfReach(bytes: ByteSource, name: string, last: string): OvaSourceError {
  return new OvaSourceError(
    bytes.label,
    `the web server does not support range requests, and ${name} was not found up to ${last}, which is too large to skip; ` +
      "use a server that supports ranges, or download the file",
  );
}
