import type { EsxiHost } from "../esxi-host.ts";
import { aMomentAfter, clearAway } from "../grace.ts";
import { writeFolderMark } from "../marks/file-marks.ts";
import { deleteFile, makeFolder, moveFile } from "./datastore-files.ts";
import { formatDatastorePath, inFolder } from "./datastore-path.ts";
import { type PlaceClaim, stagingFolder } from "./place-claim.ts";

/**
 * Makes a folder that was not there, and the folders above it. It is made in the staging folder and moved, so an empty
 * staging folder says that the folder is ours. A folder that was made is reported even if the run was told to stop
 * meanwhile.
 *
 * @throws The error of the host, for which `isTaken` tells whether somebody else was faster. Nothing of it is left then.
 */
export async function placeFolder(host: EsxiHost, claim: PlaceClaim, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const limit = aMomentAfter(signal);
  const staging = stagingFolder(claim);
  const draft = inFolder(staging, "new");
  try {
    await makeFolder(host, draft, limit);
    await writeFolderMark(host, draft, claim.place, claim.urn, limit);
    await moveFile(host, draft, claim.place, false, limit);
  } catch (error) {
    // The first error is the one to report.
    await clearAway(signal, (limit) => deleteFile(host, formatDatastorePath(staging), limit)).catch(() => {});
    throw error;
  }
}
