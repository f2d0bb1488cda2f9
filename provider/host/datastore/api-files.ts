import type { ManagedObjectReference } from "../../../schema/index.ts";
import { uploadFile } from "../../nfc/index.ts";
import { isFault, VimFault } from "../../vim/faults.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { isSilence } from "../grace.ts";
import { HostError } from "../host-error.ts";
import { madeDespiteLostAnswer } from "../lost-answer.ts";
import { refuseAway } from "./datastore-away.ts";
import { entryAmong, findEntry, forgetListings, listFolder } from "./datastore-listing.ts";
import { type DatastorePath, folderOf, formatDatastorePath, parseDatastorePath } from "./datastore-path.ts";
import type { FileControl, FileToSend } from "./file-control.ts";
import { fileUrl } from "./file-url.ts";

/** Changes files of a host by its API. */
export function apiFiles(host: EsxiHost): FileControl {
  return {
    makeFolder: (folder, signal) => makeFolder(host, folder, signal),
    deleteFile: (file, signal) => deleteFile(host, formatDatastorePath(file), signal),
    copyFile: (from, to, signal) => copyFile(host, from, to, signal),
    moveFile: (from, to, force, signal) => moveFile(host, from, to, force, signal),
    deleteDisk: (file, signal) => deleteDisk(host, formatDatastorePath(file), signal),
    send: (file) => send(host, file),
  };
}

async function send(
  host: EsxiHost,
  { what, target, body, bytes, onBytes, signal }: FileToSend,
): Promise<void> {
  await uploadFile({
    what,
    url: fileUrl(host, target),
    method: "PUT",
    overwrite: true,
    contentType: "application/octet-stream",
    body,
    contentLength: bytes,
    cookie: host.client.sessionCookie(),
    agent: host.transferAgents.own,
    signal,
    onBytes,
  });
  forgetListings(host);
}

async function makeFolder(host: EsxiHost, folder: DatastorePath, signal: AbortSignal): Promise<boolean> {
  const name = formatDatastorePath(folder);
  forgetListings(host);
  try {
    await host.client.call(
      await fileManager(host),
      "MakeDirectory",
      { name, createParentDirectories: true },
      { signal },
    );
    return true;
  } catch (error) {
    if (!isFault(error, "FileAlreadyExists")) throw error;
    return false;
  }
}

async function deleteFile(host: EsxiHost, file: string, signal: AbortSignal): Promise<void> {
  const manager = await fileManager(host);
  forgetListings(host);
  const remove = () =>
    host.task(() => host.client.call(manager, "DeleteDatastoreFile_Task", { name: file }, { signal }), {
      signal,
    });
  try {
    await remove().catch((error: unknown) => {
      // Without an answer nobody knows whether the file is gone. A second attempt tells: it finds the file, or does
      // not.
      if (error instanceof VimFault || isSilence(error) || signal.aborted) throw error;
      return remove();
    });
  } catch (error) {
    if (error instanceof VimFault) await refuseAway(host, parseDatastorePath(file).datastore, error);
    if (!isFault(error, "FileNotFound")) throw error;
  }
}

async function copyFile(
  host: EsxiHost,
  from: DatastorePath,
  to: DatastorePath,
  signal: AbortSignal,
): Promise<void> {
  const manager = await fileManager(host);
  const params = {
    sourceName: formatDatastorePath(from),
    destinationName: formatDatastorePath(to),
    force: true,
  };
  await host.task(() => host.client.call(manager, "CopyDatastoreFile_Task", params), { signal });
}

async function moveFile(
  host: EsxiHost,
  from: DatastorePath,
  to: DatastorePath,
  force: boolean,
  signal: AbortSignal,
): Promise<void> {
  const manager = await fileManager(host);
  const params = {
    sourceName: formatDatastorePath(from),
    destinationName: formatDatastorePath(to),
    force,
  };
  forgetListings(host);
  await madeDespiteLostAnswer(
    () =>
      host.task(() => host.client.call(manager, "MoveDatastoreFile_Task", params, { signal }), { signal }),
    async () => ((await isMoved(host, from, to, signal)) ? true : undefined),
  );
}

async function isMoved(
  host: EsxiHost,
  from: DatastorePath,
  to: DatastorePath,
  signal: AbortSignal,
): Promise<boolean> {
  const left = await listFolder(host, folderOf(from), signal);
  return left !== undefined && !entryAmong(left, from) && (await findEntry(host, to, signal)) !== undefined;
}

/**
 * Deletes a disk with its extents. If the host does not take the file for a disk, or the disk is not whole, the file
 * itself is deleted, and the extent of the same name with it: lists of a folder do not show extents.
 */
async function deleteDisk(host: EsxiHost, file: string, signal: AbortSignal): Promise<void> {
  const { virtualDiskManager: manager } = (await host.facts()).content;
  if (manager && !/-(flat|delta|sesparse)\.vmdk$/.test(file)) {
    try {
      await host.task(() => host.client.call(manager, "DeleteVirtualDisk_Task", { name: file }), { signal });
      return;
    } catch (error) {
      if (!(error instanceof VimFault) || isFault(error, "FileLocked")) throw error;
    }
    await deleteFile(host, file.replace(/\.vmdk$/, "-flat.vmdk"), signal);
  }
  await deleteFile(host, file, signal);
}

async function fileManager(host: EsxiHost): Promise<ManagedObjectReference> {
  const { fileManager: manager } = (await host.facts()).content;
  if (manager) return manager;
  throw new HostError(
    `${host.name} gives no access to the files on its datastores: its API has no FileManager, which every ESXi ` +
      "host has. Is esxi:host an ESXi host?",
  );
}
