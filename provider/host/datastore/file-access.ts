import { createHash } from "node:crypto";
import { clock } from "../../clock.ts";
import { downloadFile, isOffered, NfcError } from "../../nfc/index.ts";
import type { ByteSource } from "../../ovf/source/byte-source.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { HostError } from "../host-error.ts";
import { filesOf } from "./datastore-files.ts";
import { type DatastorePath, formatDatastorePath } from "./datastore-path.ts";
import { fileUrl } from "./file-url.ts";
import { transferStatus } from "./transfer-status.ts";

interface TransferOptions {
  readonly signal: AbortSignal;
  readonly onStatus: (text: string) => void;
}

/**
 * Sends the bytes of a source to a file, in one pass with a few mebibytes of memory, and digests them on the way. A
 * file that is there is overwritten. Its folder must exist.
 *
 * @param sha256 The expected digest in lower-case hex. Undefined if nobody knows it yet.
 * @returns The SHA-256 of what was sent, in lower-case hex.
 * @throws NfcError or SshError. HostError if the digest is another one: the file must not be used then.
 */
export async function uploadToDatastore(
  host: EsxiHost,
  source: ByteSource,
  target: DatastorePath,
  name: string,
  sha256: string | undefined,
  { signal, onStatus }: TransferOptions,
): Promise<string> {
  const hash = createHash("sha256");
  const total = source.sizeBytes;
  const started = clock.now();
  let done = 0;
  const files = await filesOf(host);
  await files.send({
    what: `${name} to ${host.name}`,
    target,
    body: digested(source.stream(0, total, signal), hash),
    bytes: total,
    signal,
    onBytes: (bytes) => {
      done += bytes;
      onStatus(transferStatus("uploading", { done, total, started, name }));
    },
  });
  const digest = hash.digest("hex");
  if (sha256 === undefined || digest === sha256) return digest;
  throw new HostError(
    `${source.label} is not the expected file: its SHA-256 is ${digest}, the argument sha256 says ${sha256}. ` +
      `The part that was sent to ${host.name} was removed. Get the file again, or correct sha256.`,
  );
}

/** SHA-256 of a file on the host, in lower-case hex. Reads the whole file. */
export async function digestOnDatastore(
  host: EsxiHost,
  file: DatastorePath,
  size: number,
  { signal, onStatus }: TransferOptions,
): Promise<string> {
  return host.transfers.run(async () => {
    const hash = createHash("sha256");
    const name = formatDatastorePath(file);
    const started = clock.now();
    let done = 0;
    const bytes = downloadFile({
      what: `${name} from ${host.name}`,
      size,
      url: fileUrl(host, file),
      cookie: host.client.sessionCookie(),
      agent: host.transferAgents.own,
      signal,
    });
    for await (const chunk of bytes) {
      hash.update(chunk);
      done += chunk.byteLength;
      onStatus(transferStatus("comparing", { done, total: size, started, name }));
    }
    return hash.digest("hex");
  }, signal);
}

/** The largest file that is read as a whole, in bytes. */
const SMALL = 65_536;

/** The text of a small file. Undefined if it is not there. @throws NfcError, also for a larger file */
export async function readSmallFile(
  host: EsxiHost,
  file: DatastorePath,
  signal: AbortSignal,
): Promise<string | undefined> {
  return (await readBytes(host, file, { most: SMALL, enough: Number.POSITIVE_INFINITY }, signal))?.toString(
    "utf8",
  );
}

/** The first bytes of a file, or all bytes of a shorter one. Undefined if it is not there. @throws NfcError */
export async function readHead(
  host: EsxiHost,
  file: DatastorePath,
  length: number,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const bytes = await readBytes(host, file, { most: Number.POSITIVE_INFINITY, enough: length }, signal);
  return bytes?.subarray(0, length);
}

/**
 * @param limits In bytes. A file of more than `most` is refused. Of a file larger than `enough` the rest is not read.
 * @returns Undefined if the file is not there.
 */
async function readBytes(
  host: EsxiHost,
  file: DatastorePath,
  { most, enough }: { readonly most: number; readonly enough: number },
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  try {
    const bytes = downloadFile({
      what: `${formatDatastorePath(file)} from ${host.name}`,
      size: most,
      url: fileUrl(host, file),
      cookie: host.client.sessionCookie(),
      agent: host.transferAgents.own,
      signal,
    });
    let taken = 0;
    for await (const chunk of bytes) {
      chunks.push(chunk);
      taken += chunk.byteLength;
      if (taken >= enough) break;
    }
  } catch (error) {
    if (error instanceof NfcError && error.status === 404) return undefined;
    throw error;
  }
  return Buffer.concat(chunks);
}

/** Writes a text into a file, and replaces the file if it is there. Its folder must exist. @throws NfcError */
export async function writeSmallFile(
  host: EsxiHost,
  file: DatastorePath,
  text: string,
  signal: AbortSignal,
): Promise<void> {
  const bytes = Buffer.from(text);
  const what = `${formatDatastorePath(file)} to ${host.name}`;
  const files = await filesOf(host);
  await files.send({ what, target: file, body: only(bytes), bytes: bytes.byteLength, signal });
}

async function* only(chunk: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield chunk;
}

/** Whether there is a file or folder of that name, by one short request. Undefined if the answer does not tell. */
export function isOnDatastore(
  host: EsxiHost,
  file: DatastorePath,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const [cookie, agent] = [host.client.sessionCookie(), host.transferAgents.own];
  return isOffered(fileUrl(host, file), { cookie, agent, signal });
}

async function* digested(
  bytes: AsyncIterable<Uint8Array>,
  hash: { update(chunk: Uint8Array): unknown },
): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of bytes) {
    hash.update(chunk);
    yield chunk;
  }
}
