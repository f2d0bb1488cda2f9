import { isFault } from "../../vim/faults.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { sshFiles } from "../shell/ssh-files.ts";
import { writerOf } from "../shell/two-ways.ts";
import { apiFiles } from "./api-files.ts";
import { type DatastorePath, parseDatastorePath } from "./datastore-path.ts";
import { type FileControl, FileThereError } from "./file-control.ts";

/** How files of that host are made to change. */
export const filesOf = (host: EsxiHost): Promise<FileControl> =>
  writerOf(host, { api: apiFiles, ssh: sshFiles });

/** Makes a folder, and those above it. Nothing happens if it is there. @returns Whether it was made. */
export async function makeFolder(
  host: EsxiHost,
  folder: DatastorePath,
  signal: AbortSignal,
): Promise<boolean> {
  return (await filesOf(host)).makeFolder(folder, signal);
}

/** Deletes one file as it is, whatever it belongs to, or a folder with all that is in it. Nothing happens if it is not there. */
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
 * @param force Whether a file that is there already is overwritten; else {@link isThereAlready} tells of what is thrown.
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

/** Whether something could not be moved because its new name is taken. */
export const isThereAlready = (error: unknown): boolean =>
  error instanceof FileThereError || isFault(error, "FileAlreadyExists");

/**
 * Deletes a disk with its extents. What is no disk for the host, or not whole, goes as the file that it is, with the extent
 * that has its name: lists of a folder do not show that.
 */
export async function deleteDisk(host: EsxiHost, file: string, signal: AbortSignal): Promise<void> {
  await (await filesOf(host)).deleteDisk(parseDatastorePath(file), signal);
}
