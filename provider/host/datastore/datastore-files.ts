import type { EsxiHost } from "../esxi-host.ts";
import { writerOf } from "../shell/api-or-shell.ts";
import { sshFiles } from "../shell/ssh-files.ts";
import { apiFiles } from "./api-files.ts";
import { type DatastorePath, parseDatastorePath } from "./datastore-path.ts";
import type { FileControl } from "./file-control.ts";

/** The way to change files of that host: its API or its shell. */
export const filesOf = (host: EsxiHost): Promise<FileControl> =>
  writerOf(host, { api: apiFiles, ssh: sshFiles });

/** Makes a folder, and the folders above it. Nothing happens if it is there. @returns Whether it was made. */
export async function makeFolder(
  host: EsxiHost,
  folder: DatastorePath,
  signal: AbortSignal,
): Promise<boolean> {
  return (await filesOf(host)).makeFolder(folder, signal);
}

/** Deletes one file, whatever it belongs to, or a folder with all that is in it. Nothing happens if it is not there. */
export async function deleteFile(host: EsxiHost, file: string, signal: AbortSignal): Promise<void> {
  await (await filesOf(host)).deleteFile(parseDatastorePath(file), signal);
}

export async function copyFile(
  host: EsxiHost,
  from: DatastorePath,
  to: DatastorePath,
  signal: AbortSignal,
): Promise<void> {
  await (await filesOf(host)).copyFile(from, to, signal);
}

/**
 * Gives a file or folder another name or place.
 * @param force Whether a file with the new name is overwritten. If not, `isTaken` recognizes the error.
 */
export async function moveFile(
  host: EsxiHost,
  from: DatastorePath,
  to: DatastorePath,
  force: boolean,
  signal: AbortSignal,
): Promise<void> {
  await (await filesOf(host)).moveFile(from, to, force, signal);
}

/**
 * Deletes a disk with its extents. If the host does not take the file for a disk, or the disk is not whole, the file
 * itself is deleted, and the extent of the same name with it: lists of a folder do not show extents.
 */
export async function deleteDisk(host: EsxiHost, file: string, signal: AbortSignal): Promise<void> {
  await (await filesOf(host)).deleteDisk(parseDatastorePath(file), signal);
}
