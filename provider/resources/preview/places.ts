import { type FolderEntry, knownListing } from "../../host/datastore/datastore-listing.ts";
import { type DatastorePath, folderOf, formatDatastorePath } from "../../host/datastore/datastore-path.ts";
import { isOnDatastore } from "../../host/datastore/file-access.ts";
import { nameOf } from "../../host/datastore/place-claim.ts";
import type { EsxiHost } from "../../host/esxi-host.ts";
import { UNSTOPPED, untilStopped } from "../../host/grace.ts";
import { perHost } from "../../host/per-host.ts";

/** What is at a place and beside it. If the place is as expected, only what is at it. */
interface Seen {
  readonly isThere: boolean;
  /** What the folder has. Undefined if there is no such folder, or nobody has looked into it. */
  readonly beside: readonly FolderEntry[] | undefined;
}

/** What was seen, by host, folder and name. The answers serve the whole preview, but for those that failed. */
const seen = perHost((_host: EsxiHost) => new Map<string, Map<string, Promise<Seen>>>());

/**
 * Whether there is a file or folder at that place. One place of a folder costs a short request if it is as expected.
 * Several places, or one that is not as expected, cost a look into the folder, which serves for all.
 *
 * @param expected Whether something should be there.
 */
export function lookAtPlace(
  host: EsxiHost,
  place: DatastorePath,
  expected: boolean,
  signal: AbortSignal,
): Promise<Seen> {
  const ofHost = seen(host);
  const folder = formatDatastorePath(folderOf(place));
  const inFolder = ofHost.get(folder) ?? new Map<string, Promise<Seen>>();
  ofHost.set(folder, inFolder);
  const key = `${expected} ${nameOf(place)}`;
  const known = inFolder.get(key);
  const look = known ?? see(host, place, expected, inFolder.size === 0, UNSTOPPED);
  if (known === undefined) {
    inFolder.set(key, look);
    look.catch(() => inFolder.delete(key));
  }
  return untilStopped(look, signal);
}

async function see(
  host: EsxiHost,
  place: DatastorePath,
  expected: boolean,
  isFirst: boolean,
  signal: AbortSignal,
): Promise<Seen> {
  if (isFirst && (await isOnDatastore(host, place, signal)) === expected)
    return { isThere: expected, beside: undefined };
  const beside = await knownListing(host, folderOf(place), signal);
  return { isThere: beside?.some(({ name }) => name === nameOf(place)) ?? false, beside };
}
