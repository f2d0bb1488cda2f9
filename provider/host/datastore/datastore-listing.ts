import type {
  FileInfo,
  HostDatastoreBrowserSearchResults,
  HostDatastoreBrowserSearchSpec,
  ManagedObjectReference,
} from "../../../schema/index.ts";
import { create, isA } from "../../vim/codec/objects.ts";
import { isFault, VimFault } from "../../vim/faults.ts";
import { retrieveOne } from "../../vim/reads/property-collector.ts";
import { SERVES } from "../../vim/tuning.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { UNSTOPPED, untilStopped } from "../grace.ts";
import { HostError } from "../host-error.ts";
import { findDatastore } from "../inventory/named-places.ts";
import { Answers, perHost } from "../per-host.ts";
import { refuseAway } from "./datastore-away.ts";
import { type DatastorePath, folderOf, formatDatastorePath } from "./datastore-path.ts";

/** A file or folder of a datastore as its host describes it. */
export interface FolderEntry {
  readonly name: string;
  readonly isFolder: boolean;
  /** In bytes. */
  readonly size: number;
  /** When it was changed last, as the host writes it. */
  readonly modified: string;
}

type Listing = readonly FolderEntry[] | undefined;

const browsers = perHost(() => new Answers<ManagedObjectReference>());
/** One look into a folder serves all that only want to know what is there. */
const listings = perHost(() => new Answers<Listing>(SERVES.refreshMs));

/** What is in a folder now. Undefined if there is no such folder. */
export async function listFolder(
  host: EsxiHost,
  folder: DatastorePath,
  signal: AbortSignal,
): Promise<Listing> {
  const details = create("FileQueryFlags", {
    fileType: true,
    fileSize: true,
    modification: true,
    fileOwner: false,
  });
  const found = await search(
    host,
    folder,
    create("HostDatastoreBrowserSearchSpec", { details, matchPattern: ["*"] }),
    signal,
  );
  return found?.map((info) => ({
    name: info.path,
    isFolder: isA(info, "FolderFileInfo"),
    size: Number(info.fileSize ?? 0),
    modified: info.modification ?? "",
  }));
}

/** The file or folder at that place, as it is now. Undefined if it is not there. */
export async function findEntry(
  host: EsxiHost,
  place: DatastorePath,
  signal: AbortSignal,
): Promise<FolderEntry | undefined> {
  return entryAmong(await listFolder(host, folderOf(place), signal), place);
}

/** As {@link findEntry}, but from a look into the folder that serves a whole refresh. */
export async function knownEntry(
  host: EsxiHost,
  place: DatastorePath,
  signal: AbortSignal,
): Promise<FolderEntry | undefined> {
  return entryAmong(await knownListing(host, folderOf(place), signal), place);
}

/** As {@link listFolder}, but from a look that serves for a while. */
export function knownListing(host: EsxiHost, folder: DatastorePath, signal: AbortSignal): Promise<Listing> {
  const look = listings(host).get(formatDatastorePath(folder), () => listFolder(host, folder, UNSTOPPED));
  return untilStopped(look, signal);
}

/** Called when this process changes something on a datastore. */
export function forgetListings(host: EsxiHost): void {
  listings(host).forget();
}

/** Names of the files in a folder that match. Empty if there is no such folder. */
export async function filesIn(
  host: EsxiHost,
  folder: DatastorePath,
  pattern: string,
  signal: AbortSignal,
): Promise<string[]> {
  const spec = create("HostDatastoreBrowserSearchSpec", { matchPattern: [pattern] });
  return ((await search(host, folder, spec, signal)) ?? []).map(({ path }) => path);
}

/** The file or folder at that place, in the list of its folder. */
export function entryAmong(listing: Listing, { path }: DatastorePath): FolderEntry | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return listing?.find((entry) => entry.name === name);
}

async function search(
  host: EsxiHost,
  folder: DatastorePath,
  searchSpec: HostDatastoreBrowserSearchSpec,
  signal: AbortSignal,
): Promise<readonly FileInfo[] | undefined> {
  const browser = await browserOf(host, folder.datastore, signal);
  const params = { datastorePath: formatDatastorePath(folder), searchSpec };
  try {
    const found = await host.task<unknown>(
      () => host.client.call(browser, "SearchDatastore_Task", params, { signal }),
      { signal, onlyReads: true },
    );
    return foundBy(host, found).flatMap(({ file }) => file ?? []);
  } catch (error) {
    if (error instanceof VimFault) await refuseAway(host, folder.datastore, error);
    if (isFault(error, "FileNotFound")) return undefined;
    throw error;
  }
}

/** How often a search is made while folders that it is in are deleted. */
const SEARCHES = 3;

/**
 * Searches a folder, or all below it, in a task that does not count against the limit on tasks at once, because the
 * caller may hold one of those places. Folders below it may be deleted meanwhile: then the search is made again.
 */
export async function searchUncounted(
  host: EsxiHost,
  folder: DatastorePath,
  method: "SearchDatastore_Task" | "SearchDatastoreSubFolders_Task",
  searchSpec: HostDatastoreBrowserSearchSpec,
  signal: AbortSignal,
): Promise<readonly HostDatastoreBrowserSearchResults[]> {
  const browser = await browserOf(host, folder.datastore, signal);
  const params = { datastorePath: formatDatastorePath(folder), searchSpec };
  for (let left = method === "SearchDatastoreSubFolders_Task" ? SEARCHES : 1; ; left--) {
    try {
      const task = await host.client.call(browser, method, params, { signal });
      return foundBy(host, task && (await host.client.updates.waitForTask(task, { signal })));
    } catch (error) {
      if (left === 1 || !isFault(error, "FileNotFound")) throw error;
    }
  }
}

/**
 * What a search of a datastore has found, folder by folder.
 * @param result What its task has ended with.
 * @throws HostError if that says nothing. A folder that was not seen must not count as an empty one.
 */
function foundBy(host: EsxiHost, result: unknown): readonly HostDatastoreBrowserSearchResults[] {
  return [result].flat().map((folder) => {
    if (isA(folder, "HostDatastoreBrowserSearchResults")) return folder;
    throw new HostError(
      `${host.name} has searched a datastore and does not say what it has found. Run the same again.`,
    );
  });
}

/** The browser of a datastore, looked up once. */
function browserOf(host: EsxiHost, name: string, signal: AbortSignal): Promise<ManagedObjectReference> {
  return untilStopped(
    browsers(host).get(name, () => findBrowser(host, name, UNSTOPPED)),
    signal,
  );
}

async function findBrowser(
  host: EsxiHost,
  name: string,
  signal: AbortSignal,
): Promise<ManagedObjectReference> {
  const datastore = await findDatastore(host, name).catch(async (error: unknown) => {
    await refuseAway(host, name, error);
    throw error;
  });
  const { browser } = await retrieveOne(host.client, datastore.ref, "Datastore", ["browser"], signal);
  if (browser) return browser;
  throw new HostError(`${host.name} does not list the files of the datastore "${name}": it has no browser.`);
}
