import { createHash } from "node:crypto";
import type { OvfDescriptor } from "../descriptor/descriptor.ts";
import { OvfDescriptorError } from "../descriptor/ovf-descriptor-error.ts";
import { MAX_DESCRIPTOR_BYTES } from "../descriptor/ovf-envelope.ts";
import { parseDescriptor } from "../descriptor/parse-descriptor.ts";
import { openArchivePackage } from "../package/archive-package.ts";
import { expectedDigest, refuseSeveralVersions } from "../package/expected-digest.ts";
import type { FilePackage } from "../package/file-package.ts";
import { openLocalFolder, openWebFolder } from "../package/folder-package.ts";
import { foreignFile } from "../package/foreign-file.ts";
import { locateFile } from "../package/locate-file.ts";
import { type Manifest, parseManifest } from "../package/manifest.ts";
import { ManifestError } from "../package/manifest-error.ts";
import type { OvaFile, StoredPart } from "../package/stored-file.ts";
import { UnsafeNameError } from "../package/unsafe-name-error.ts";
import { decodePlain, decodeXml } from "../xml/text-encoding.ts";
import type { ByteSource } from "./byte-source.ts";
import { openFileBytes } from "./file-bytes.ts";
import { openHttpBytes } from "./http-bytes.ts";
import { displayUrl } from "./http-client.ts";
import { OvaSourceError } from "./ova-source-error.ts";
import { sourceDigest } from "./source-digest.ts";

const DEFAULT_REQUEST_TIMEOUT_SECONDS = 20;
/**
 * The most files besides descriptor and disks that a manifest may name. Each is looked up, on a web server by a
 * request.
 */
const MAX_OTHER_FILES = 100;
const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

/** An opened OVA or OVF. Its descriptor has been read and checked. Its files have been found but not read. */
export interface OvaSource {
  /** The file or URL in a form that may be shown: without credentials and query. */
  readonly location: string;
  /** The OVF XML text. */
  readonly descriptor: string;
  /** The parsed descriptor. */
  readonly ovf: OvfDescriptor;
  /** The descriptor's file name, such as `tinyVM.ovf`. */
  readonly descriptorName: string;
  readonly manifest: Manifest | undefined;
  /** One for each `<File>` of References, in their order. */
  readonly files: readonly OvaFile[];
  /** Identifies the OVA for diff, as a hex SHA-256. See `sourceDigest`. */
  readonly digest: string;
  /** Things that a user should know although they stop nothing, such as files without a digest in the manifest. */
  readonly warnings: readonly string[];
  /** Closes files and connections. Streams that are still open fail. */
  close(): Promise<void>;
}

/**
 * Opens a local `.ova`, a local `.ovf` with files beside it, or an `http(s)` URL of either. Reads only the archive's
 * headers, descriptor and manifest. Without a manifest it also reads the first and last kilobyte of each file.
 * @param options.requestTimeoutSeconds limit of one small web request, and of silence within a long transfer. Default
 * 20
 * @throws OvaSourceError if it is missing, truncated, malformed, contradicts its manifest, or has unsafe names
 * @throws OvaReadError if it cannot be read just now, such as a web server that does not answer
 */
export async function openOvaSource(
  location: string,
  options: { signal?: AbortSignal | undefined; requestTimeoutSeconds?: number | undefined } = {},
): Promise<OvaSource> {
  const isUrl = /^https?:\/\//i.test(location);
  if (isUrl && !URL.canParse(location)) throw new OvaSourceError(displayUrl(location), "is not a valid URL");
  const label = isUrl ? displayUrl(location) : location;
  const files = await openPackage(location, isUrl, options);
  try {
    return await readPackage(label, files, options.signal);
  } catch (error) {
    await files.close();
    if (
      error instanceof OvfDescriptorError ||
      error instanceof ManifestError ||
      error instanceof UnsafeNameError
    ) {
      throw new OvaSourceError(label, error.message, { cause: error });
    }
    throw error;
  }
}

async function openPackage(
  location: string,
  isUrl: boolean,
  options: { signal?: AbortSignal | undefined; requestTimeoutSeconds?: number | undefined },
): Promise<FilePackage> {
  const { signal } = options;
  const requestTimeoutSeconds = options.requestTimeoutSeconds ?? DEFAULT_REQUEST_TIMEOUT_SECONDS;
  const bytes = isUrl
    ? await openHttpBytes(location, { requestTimeoutSeconds, signal })
    : await openFileBytes(location);
  if (bytes === undefined) throw new OvaSourceError(displayUrl(location), "there is no such file");
  try {
    if (bytes.sizeBytes === 0) throw new OvaSourceError(bytes.label, "is empty");
    const other = await foreignFile(bytes, signal);
    if (other !== undefined) throw new OvaSourceError(bytes.label, `is ${other}`);
    if (!(await looksLikeXml(bytes, signal))) return await openArchivePackage(bytes, signal);
    return isUrl
      ? await openWebFolder(location, bytes, requestTimeoutSeconds, signal)
      : await openLocalFolder(location, bytes, signal);
  } catch (error) {
    await bytes.close();
    throw error;
  }
}

/** By content and not by extension, because a download URL often has no extension. */
async function looksLikeXml(bytes: ByteSource, signal: AbortSignal | undefined): Promise<boolean> {
  const start = (await bytes.read(0, 512, signal)).toString("latin1");
  return /^(\u00ef\u00bb\u00bf|\u00ff\u00fe|\u00fe\u00ff)?[\s\0]*</.test(start);
}

async function readPackage(
  location: string,
  files: FilePackage,
  signal: AbortSignal | undefined,
): Promise<OvaSource> {
  const descriptorBytes = await readPart(location, files.descriptor, MAX_DESCRIPTOR_BYTES, signal);
  const manifestBytes =
    files.manifest && (await readPart(location, files.manifest, MAX_MANIFEST_BYTES, signal));
  const manifest =
    files.manifest &&
    manifestBytes &&
    parseManifest(files.manifest.name, decodePlain(manifestBytes), files.folder);
  checkDescriptorDigest(location, files.descriptor.name, descriptorBytes, manifest);
  const descriptor = textOf(location, files.descriptor.name, descriptorBytes);
  const ovf = parseDescriptor(descriptor);
  const located: OvaFile[] = [];
  for (const reference of ovf.files) located.push(await locateFile(location, files, reference, signal));
  if (manifest !== undefined) await checkManifestNames(files, manifest, located, signal);
  const digest = await sourceDigest(descriptorBytes, manifestBytes, manifest, located, signal);
  refuseSeveralVersions(location, files.descriptor, manifest?.entries.get(files.descriptor.name));
  for (const file of located) {
    for (const part of file.parts) {
      refuseSeveralVersions(location, part, expectedDigest(manifest, file, part));
    }
  }
  return {
    location,
    descriptor,
    ovf,
    descriptorName: files.descriptor.name,
    manifest,
    files: located,
    digest,
    warnings:
      manifest === undefined ? unusedManifests(files) : unverified(files.descriptor.name, manifest, located),
    close: () => files.close(),
  };
}

async function readPart(
  location: string,
  part: StoredPart,
  limitBytes: number,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  if (part.sizeBytes > limitBytes) {
    throw new OvaSourceError(
      location,
      `${part.name} has ${part.sizeBytes} bytes, and a descriptor or manifest has at most ${limitBytes / 2 ** 20} MiB`,
    );
  }
  return part.bytes.read(part.offset, part.sizeBytes, signal);
}

function textOf(location: string, name: string, bytes: Buffer): string {
  try {
    return decodeXml(bytes);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new OvaSourceError(location, `${name} ${why}`, { cause: error });
  }
}

function checkDescriptorDigest(
  location: string,
  name: string,
  bytes: Buffer,
  manifest: Manifest | undefined,
): void {
  const expected = manifest?.entries.get(name);
  if (expected === undefined) return;
  const found = createHash(expected.algorithm).update(bytes).digest("hex");
  if (found === expected.digest) return;
  throw new OvaSourceError(
    location,
    `${name} was changed after the manifest was made: its ${expected.algorithm.toUpperCase()} is ${found}, ` +
      `${manifest?.name} says ${expected.digest}; get the original, or remove the manifest if the change was meant`,
  );
}

async function checkManifestNames(
  files: FilePackage,
  manifest: Manifest,
  located: readonly OvaFile[],
  signal: AbortSignal | undefined,
): Promise<void> {
  let others = 0;
  const known = new Set(located.flatMap((file) => [file.href, ...file.parts.map((part) => part.name)]));
  for (const name of manifest.entries.keys()) {
    if (known.has(name)) continue;
    others += 1;
    if (others > MAX_OTHER_FILES) {
      throw new ManifestError(
        `${manifest.name} names more than ${MAX_OTHER_FILES} files that the descriptor does not`,
      );
    }
    if ((await files.find(name, signal)) !== undefined) continue;
    throw new ManifestError(`${manifest.name} names the file ${JSON.stringify(name)}, which is not there`);
  }
}

/** Somebody who has renamed a descriptor or its manifest still wants it to be verified. */
function unusedManifests({ descriptor, unused = [] }: FilePackage): readonly string[] {
  if (unused.length === 0) return [];
  return [
    `${unused.join(", ")} beside ${descriptor.name} is not used, so nothing is verified. A manifest must have the name of its ` +
      `descriptor: ${descriptor.name.replace(/\.ovf$/i, ".mf")}`,
  ];
}

function unverified(
  descriptorName: string,
  manifest: Manifest,
  located: readonly OvaFile[],
): readonly string[] {
  const names = located.flatMap((file) =>
    file.parts.filter((part) => expectedDigest(manifest, file, part) === undefined).map((part) => part.name),
  );
  if (!manifest.entries.has(descriptorName)) names.unshift(descriptorName);
  return names.map((name) => `${manifest.name} has no digest of ${name}: its content is not verified`);
}
