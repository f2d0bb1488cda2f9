import { createHash } from "node:crypto";
import { NfcError } from "../../nfc/index.ts";
import type { EsxiShell } from "../../ssh/commands/esxi-shell.ts";
import { deleteFile } from "../datastore/datastore-files.ts";
import { findEntry, forgetListings } from "../datastore/datastore-listing.ts";
import { type DatastorePath, formatDatastorePath, toHostPath } from "../datastore/datastore-path.ts";
import { readSmallFile, writeSmallFile } from "../datastore/file-access.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { writerOf } from "../shell/api-or-shell.ts";
import { confirmed } from "../shell/confirmed.ts";
import { formatMark, type Mark, parseMark } from "./mark.ts";

/** The names of all marks begin so. */
export const MARK_PREFIX = ".pulumi-esxi-direct";

const ATTEMPTS = 3;

/** The mark in a file. Undefined if there is no such file, or if its text is not a mark. */
export async function readMark(
  host: EsxiHost,
  file: DatastorePath,
  of: string,
  signal: AbortSignal,
): Promise<Mark | undefined> {
  const { hostUuid } = await host.facts();
  const text = await repeated(
    () => readSmallFile(host, file, signal),
    async () => (await findEntry(host, file, signal)) !== undefined,
    signal,
  );
  return text === undefined ? undefined : parseMark(text, { host: hostUuid, of });
}

/** Writes marks, by the API or by the shell. */
interface MarkWriter {
  write(file: DatastorePath, text: string, signal: AbortSignal): Promise<unknown>;
  remove(file: DatastorePath, signal: AbortSignal): Promise<unknown>;
}

/** Reads a file, also where the session has expired or an answer was lost. */
export const readAgain = <T>(
  host: EsxiHost,
  file: DatastorePath,
  read: () => Promise<T>,
  signal: AbortSignal,
): Promise<T | undefined> => repeated(read, askFor(host, file, signal), signal);

/** Asks the host about a file before a transfer is tried again. */
const askFor = (host: EsxiHost, file: DatastorePath, signal: AbortSignal) => async () => {
  await findEntry(host, file, signal);
  return true;
};

const byApi = (host: EsxiHost): MarkWriter => ({
  write: (file, text, signal) =>
    repeated(() => writeSmallFile(host, file, text, signal), askFor(host, file, signal), signal),
  remove: (file, signal) => deleteFile(host, formatDatastorePath(file), signal),
});

const byShell = (host: EsxiHost, shell: EsxiShell): MarkWriter => ({
  write: (file, text, signal) =>
    confirmed(host, {
      what: `write ${formatDatastorePath(file)}`,
      write: (limit) => shell.writeInPlace(toHostPath(file), new TextEncoder().encode(text), limit),
      look: async (limit) => {
        forgetListings(host);
        const read = () => readSmallFile(host, file, limit);
        return (await repeated(read, askFor(host, file, limit), limit)) === text || undefined;
      },
      signal,
    }),
  remove: (file, signal) =>
    confirmed(host, {
      what: `remove ${formatDatastorePath(file)}`,
      write: (limit) => shell.removeFiles([toHostPath(file)], limit),
      look: async (limit) => {
        forgetListings(host);
        return (await findEntry(host, file, limit)) === undefined || undefined;
      },
      signal,
    }),
});

const writer = (host: EsxiHost) => writerOf(host, { api: byApi, ssh: byShell });

/**
 * Writes a mark into a file, and replaces a file that is there. Its folder must exist. @throws NfcError, or HostError
 * by the shell
 */
export async function writeMark(
  host: EsxiHost,
  file: DatastorePath,
  mark: Mark,
  signal: AbortSignal,
): Promise<void> {
  await (await writer(host)).write(file, formatMark(mark), signal);
}

/** Nothing happens if there is none. */
export async function removeMarkFile(
  host: EsxiHost,
  file: DatastorePath,
  signal: AbortSignal,
): Promise<void> {
  await (await writer(host)).remove(file, signal);
}

/**
 * The name of a mark's file. It is a digest, because names may be too long for a file, or have characters that no file
 * name may have.
 */
export const markName = (text: string): string =>
  createHash("sha256").update(text).digest("hex").slice(0, 16);

/**
 * @param prepare Called before the work is tried again. Returns false if there is nothing to try. It calls the host,
 * and that also renews an expired session, which a transfer cannot do.
 */
async function repeated<T>(
  work: () => Promise<T>,
  prepare: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<T | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (attempt === ATTEMPTS || !(error instanceof NfcError) || error.status === 403) throw error;
      if (!(await prepare())) return undefined;
    }
  }
}
