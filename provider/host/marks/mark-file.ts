import { createHash } from "node:crypto";
import { NfcError } from "../../nfc/index.ts";
import { findEntry } from "../datastore/datastore-listing.ts";
import type { DatastorePath } from "../datastore/datastore-path.ts";
import { readSmallFile, writeSmallFile } from "../datastore/file-access.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { formatMark, type Mark, parseMark } from "./mark.ts";

/** With what the names of all files begin that are marks. */
export const MARK_PREFIX = ".pulumi-esxi-direct";

const ATTEMPTS = 3;

/** The mark in a file; undefined if there is no such file, or something else is in it. */
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

/** Writes a mark into a file, over the one that is there. Its folder must exist. @throws NfcError */
export async function writeMark(
  host: EsxiHost,
  file: DatastorePath,
  mark: Mark,
  signal: AbortSignal,
): Promise<void> {
  await repeated(
    () => writeSmallFile(host, file, formatMark(mark), signal),
    async () => {
      await findEntry(host, file, signal);
      return true;
    },
    signal,
  );
}

/** What names a mark's file: names of things may be long, and hold what no file's name may. */
export const markName = (text: string): string =>
  createHash("sha256").update(text).digest("hex").slice(0, 16);

/**
 * @param prepare Called before the work is tried again; false if there is nothing to be tried. It calls the host, which also
 *   renews a session that has expired: a transfer cannot.
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
