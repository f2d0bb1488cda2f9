import { deleteFile, moveFile } from "../datastore/datastore-files.ts";
import { listFolder } from "../datastore/datastore-listing.ts";
import { type DatastorePath, folderOf, formatDatastorePath, inFolder } from "../datastore/datastore-path.ts";
import { nameOf } from "../datastore/place-claim.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { HostError } from "../host-error.ts";
import { withoutMarks } from "../marks/file-marks.ts";
import { refuseWhileNeeded } from "./needed-files.ts";

const MOST_NAMES = 10;

/** Under which name a folder is deleted. A run that was killed leaves it so. */
export const leavingFolder = (folder: DatastorePath): DatastorePath =>
  inFolder(folderOf(folder), `${nameOf(folder)}.pulumi-esxi-direct-deletes`);

/**
 * Deletes a folder if it is empty but for our marks. The host's own call deletes whatever is in a folder, also what came in a moment ago: so
 * the folder first gets a name that nobody writes to, and its own name back if there is something in it.
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
  // Without the folder, a run that was killed may have come as far as this.
  const after = await listFolder(host, aside, signal);
  if (after === undefined) return;
  const others = withoutMarks(after);
  if (others.length > 0) {
    await moveFile(host, aside, folder, false, signal);
    refuseFull(host, folder, others);
  }
  await deleteFile(host, formatDatastorePath(aside), signal);
}

/** Gives a folder its name back whose deletion a killed run has begun; nothing happens if there is none, or another one. */
export async function undoRemoval(host: EsxiHost, folder: DatastorePath, signal: AbortSignal): Promise<void> {
  if ((await listFolder(host, folder, signal)) !== undefined) return;
  const aside = leavingFolder(folder);
  if ((await listFolder(host, aside, signal)) !== undefined)
    await moveFile(host, aside, folder, false, signal);
}

/** Ends the deletion of a folder that a killed run has begun. What somebody has put into it stays. */
export async function endRemoval(host: EsxiHost, folder: DatastorePath, signal: AbortSignal): Promise<void> {
  const aside = leavingFolder(folder);
  const inside = await listFolder(host, aside, signal);
  if (inside !== undefined && withoutMarks(inside).length === 0)
    await deleteFile(host, formatDatastorePath(aside), signal);
}

/** Deletes a folder with all that is in it. @throws HostError if virtual machines use some of that */
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
      "what is in it, or set forceDestroy: true and run `pulumi up` before the folder is to go.",
  );
}
