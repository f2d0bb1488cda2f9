import { NfcError } from "../../nfc/index.ts";
import type { ByteSource } from "../../ovf/source/byte-source.ts";
import { SshLostError } from "../../ssh/ssh-lost-error.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { aMomentAfter, clearAway } from "../grace.ts";
import { isWorthAnotherLease } from "../import/import-retry.ts";
import { deleteFile, makeFolder, moveFile } from "./datastore-files.ts";
import { formatDatastorePath, inFolder } from "./datastore-path.ts";
import { uploadToDatastore } from "./file-access.ts";
import { nameOf, type PlaceClaim, stagingFolder } from "./place-claim.ts";

const ATTEMPTS = 3;

export interface FileToPlace extends PlaceClaim {
  /** Called for each attempt. Closed afterwards. */
  open(): Promise<ByteSource>;
  /** The expected digest in lower-case hex, if it is known. */
  readonly sha256: string | undefined;
  /** Whether a file of that name is replaced. If not, such a file is an error. */
  readonly overwrite: boolean;
}

export interface SendOptions {
  readonly signal: AbortSignal;
  readonly onStatus: (text: string) => void;
  readonly onWarning: (text: string) => void;
}

/**
 * Puts a file on a datastore, and makes the folders above it. It is uploaded under another name, and moved when it is
 * whole and its digest is right. So its own name never shows a part of it, and a file that it replaces stays until
 * then.
 *
 * @returns The SHA-256 of the file, in lower-case hex.
 * @throws NfcError, VimFault or HostError. Nothing of the upload is left then.
 */
export async function placeFile(host: EsxiHost, file: FileToPlace, options: SendOptions): Promise<string> {
  const { signal, onStatus } = options;
  const staging = stagingFolder(file);
  const upload = inFolder(staging, "upload");
  if (host.transfers.isFull) onStatus(`waiting until ${host.name} has room for another upload`);
  return host.transfers.run(async () => {
    const limit = aMomentAfter(signal);
    try {
      const digest = await sendAgain(options, async () => {
        // This also renews a session that has expired during the wait. An upload cannot renew it.
        await makeFolder(host, staging, limit);
        signal.throwIfAborted();
        return send(host, file, upload, options);
      });
      signal.throwIfAborted();
      await moveFile(host, upload, file.place, file.overwrite, limit);
      return digest;
    } catch (error) {
      // The first error is the one to report.
      await clearAway(signal, (limit) => deleteFile(host, formatDatastorePath(staging), limit)).catch(
        () => {},
      );
      throw error;
    }
  }, signal);
}

/**
 * Sends something. Sends it again if the error may be a passing one.
 * @param send Its first call must renew an expired session, because uploads cannot.
 */
export async function sendAgain<Result>(
  { signal, onWarning }: Omit<SendOptions, "onStatus">,
  send: () => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await send();
    } catch (error) {
      signal.throwIfAborted();
      if (attempt === ATTEMPTS || !isPassing(error)) throw error;
      onWarning(`${error.message} Sending it again (${attempt + 1} of ${ATTEMPTS}).`);
    }
  }
}

async function send(
  host: EsxiHost,
  { place, sha256, open }: FileToPlace,
  upload: PlaceClaim["place"],
  options: Omit<SendOptions, "onWarning">,
): Promise<string> {
  const source = await open();
  try {
    return await uploadToDatastore(host, source, upload, nameOf(place), sha256, options);
  } finally {
    await source.close();
  }
}

const isPassing = (error: unknown): error is Error =>
  isWorthAnotherLease(error) ||
  error instanceof SshLostError ||
  (error instanceof NfcError && error.status === 401);
