import type { EsxiHost } from "../esxi-host.ts";
import { aMomentAfter, clearAway } from "../grace.ts";
import { writeFolderMark } from "../marks/file-marks.ts";
import { deleteFile, isThereAlready, makeFolder, moveFile } from "./datastore-files.ts";
import { formatDatastorePath, inFolder } from "./datastore-path.ts";
import { type PlaceClaim, stagingFolder } from "./place-claim.ts";

/**
 * Makes a folder that was not there, with those above it. It is made in the staging folder and moved, so an empty staging
 * folder says that the folder is ours. One that was made is told of also when the run was told to stop meanwhile.
 *
 * @returns Whether it was made; false if somebody was faster.
 */
export async function placeFolder(host: EsxiHost, claim: PlaceClaim, signal: AbortSignal): Promise<boolean> {
  signal.throwIfAborted();
  const limit = aMomentAfter(signal);
  const staging = stagingFolder(claim);
  const draft = inFolder(staging, "new");
  try {
    await makeFolder(host, draft, limit);
    await writeFolderMark(host, draft, claim.place, claim.urn, limit);
    await moveFile(host, draft, claim.place, false, limit);
    return true;
  } catch (error) {
    if (isThereAlready(error)) return false;
    // What went wrong first is what counts.
    await clearAway(signal, (limit) => deleteFile(host, formatDatastorePath(staging), limit)).catch(() => {});
    throw error;
  }
}
