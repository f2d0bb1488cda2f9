import { deleteFile, moveFile } from "../datastore/datastore-files.ts";
import { listFolder } from "../datastore/datastore-listing.ts";
import {
  type DatastorePath,
  folderOf,
  formatDatastorePath,
  inFolder,
  parseDatastorePath,
} from "../datastore/datastore-path.ts";
import { nameOf } from "../datastore/place-claim.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { HostError } from "../host-error.ts";
import { withoutMarks } from "../marks/file-marks.ts";
import { refuseWhileNeeded } from "./needed-files.ts";

const MOST_NAMES = 10;

/** The name of a folder while it is deleted. If a run is killed, the folder keeps this name. */
export const leavingFolder = (folder: DatastorePath): DatastorePath =>
  inFolder(folderOf(folder), `${nameOf(folder)}.pulumi-esxi-direct-deletes`);

/**
 * Deletes a folder if it is empty or has only our marks. The host's own call also deletes files that were put into the
 * folder a moment ago. So the folder first gets a name that nobody writes to. If there is something in it, it gets its
 * own name back.
 *
 * @throws HostError with names of what is in it.
 */
export async function removeEmptyFolder(
  host: EsxiHost,
  folder: DatastorePath,
  signal: AbortSignal,
): Promise<void> {
  const aside = leavingFolder(folder);
  const inside = await listFolder(host, folder, signal);
  if (inside !== undefined) {
    refuseFull(host, folder, withoutMarks(inside));
    await moveFile(host, folder, aside, false, signal);
  }
  // If the folder is not there, a killed run may have given it the other name already.
  const after = await listFolder(host, aside, signal);
  if (after === undefined) return;
  const others = withoutMarks(after);
  if (others.length > 0) {
    await moveFile(host, aside, folder, false, signal);
    refuseFull(host, folder, others);
  }
  await deleteFile(host, formatDatastorePath(aside), signal);
}

/**
 * Deletes a folder if it is there and there is nothing in it, no mark either. It goes as {@link removeEmptyFolder} lets
 * it go, and a removal that a killed run has begun is ended.
 */
export async function removeIfEmpty(
  host: EsxiHost,
  folder: DatastorePath,
  signal: AbortSignal,
): Promise<void> {
  await endRemoval(host, folder, signal);
  const inside = await listFolder(host, folder, signal);
  if (inside?.length === 0) await removeEmptyFolder(host, folder, signal);
}

/**
 * Deletes the folders that a host has made for disks of a machine on other datastores, as far as they are empty. Only
 * for a machine that is gone: the run that had it deleted may have been killed before it could delete them. Never
 * throws, because nothing needs them to be gone.
 *
 * @param datastores Names of those that the machine had disks on.
 */
export async function removeTwinFolders(
  host: EsxiHost,
  vmxPath: string,
  datastores: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const own = folderOf(parseDatastorePath(vmxPath));
  if (own.path === "") return;
  for (const datastore of new Set(datastores)) {
    if (datastore !== own.datastore) await removeIfEmpty(host, { ...own, datastore }, signal).catch(() => {});
  }
}

/**
 * Gives a folder its name back if a killed run has begun to delete it. Nothing happens if there is none, or a new one.
 */
export async function undoRemoval(host: EsxiHost, folder: DatastorePath, signal: AbortSignal): Promise<void> {
  if ((await listFolder(host, folder, signal)) !== undefined) return;
  const aside = leavingFolder(folder);
  if ((await listFolder(host, aside, signal)) !== undefined)
    await moveFile(host, aside, folder, false, signal);
}

/** Ends the deletion of a folder that a killed run has begun. Files that somebody has put into it stay. */
export async function endRemoval(host: EsxiHost, folder: DatastorePath, signal: AbortSignal): Promise<void> {
  const aside = leavingFolder(folder);
  const inside = await listFolder(host, aside, signal);
  if (inside !== undefined && withoutMarks(inside).length === 0)
    await deleteFile(host, formatDatastorePath(aside), signal);
}

/** Deletes a folder with all that is in it. @throws HostError if virtual machines use some of it */
export async function removeFolder(
  host: EsxiHost,
  folder: DatastorePath,
  signal: AbortSignal,
): Promise<void> {
  await refuseWhileNeeded(host, { place: folder, doing: "delete it with all that is in it" });
  await deleteFile(host, formatDatastorePath(folder), signal);
}

function refuseFull(
  host: EsxiHost,
  folder: DatastorePath,
  inside: readonly { readonly name: string }[],
): void {
  if (inside.length === 0) return;
  const names = inside.slice(0, MOST_NAMES).map(({ name }) => name);
  const more = inside.length > MOST_NAMES ? ` and ${inside.length - MOST_NAMES} more` : "";
  throw new HostError(
    `${host.name}: ${formatDatastorePath(folder)} is not empty: ${names.join(", ")}${more}. Nothing was deleted. Remove ` +
      "what is in it, or set forceDestroy: true and run `pulumi up` before the folder is deleted.",
  );
}
