import { type DatastorePath, folderOf, formatDatastorePath, inFolder } from "../datastore/datastore-path.ts";
import { nameOf } from "../datastore/place-claim.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { type Mark, type MarkState, newMark } from "./mark.ts";
import { MARK_PREFIX, markName, readMark, removeMarkFile, writeMark } from "./mark-file.ts";

/**
 * The mark of a file is beside it, so it is deleted with the folder. It says how many bytes the file had and when it
 * was changed last, because a file has no identity of its own.
 */
const besideFile = (file: DatastorePath): DatastorePath => inFolder(folderOf(file), nameFor(nameOf(file)));

/** The mark of a folder is in it. A folder that somebody else has made anew has none then. */
const insideFolder = (folder: DatastorePath): DatastorePath => inFolder(folder, FOLDER_MARK);

const FOLDER_MARK = `${MARK_PREFIX}-folder`;

const nameFor = (fileName: string): string => `${MARK_PREFIX}-${markName(fileName)}`;

/** What is in a folder, without the folder's mark and without marks of files that are gone. */
export function withoutMarks<T extends { readonly name: string }>(entries: readonly T[]): T[] {
  const left = entries.filter(({ name }) => name !== FOLDER_MARK);
  const marks = new Set(left.map(({ name }) => nameFor(name)));
  const isOrphan = ({ name }: T) => /^\.pulumi-esxi-direct-[\da-f]{16}$/.test(name) && !marks.has(name);
  return left.filter((entry) => !isOrphan(entry));
}

/** Whether a file has a mark beside it. The mark may be of somebody else, or of a file that is gone. */
export const hasFileMark = (beside: readonly { readonly name: string }[], file: DatastorePath): boolean =>
  beside.some(({ name }) => name === nameFor(nameOf(file)));

export const readFileMark = (
  host: EsxiHost,
  file: DatastorePath,
  signal: AbortSignal,
): Promise<Mark | undefined> => readMark(host, besideFile(file), formatDatastorePath(file), signal);

export async function writeFileMark(
  host: EsxiHost,
  file: DatastorePath,
  urn: string,
  state: MarkState,
  signal: AbortSignal,
): Promise<void> {
  const mark = await newMark(host, urn, formatDatastorePath(file), state);
  await writeMark(host, besideFile(file), mark, signal);
}

/** Nothing happens if there is none. */
export const removeFileMark = (host: EsxiHost, file: DatastorePath, signal: AbortSignal): Promise<void> =>
  removeMarkFile(host, besideFile(file), signal);

export const readFolderMark = (
  host: EsxiHost,
  folder: DatastorePath,
  signal: AbortSignal,
): Promise<Mark | undefined> => readMark(host, insideFolder(folder), formatDatastorePath(folder), signal);

/** @param draft The path of the folder while it is made. */
export async function writeFolderMark(
  host: EsxiHost,
  draft: DatastorePath,
  folder: DatastorePath,
  urn: string,
  signal: AbortSignal,
): Promise<void> {
  const mark = await newMark(host, urn, formatDatastorePath(folder));
  await writeMark(host, insideFolder(draft), mark, signal);
}

/** Nothing happens if there is none. */
export const removeFolderMark = (host: EsxiHost, folder: DatastorePath, signal: AbortSignal): Promise<void> =>
  removeMarkFile(host, insideFolder(folder), signal);
