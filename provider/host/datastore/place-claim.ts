import { createHash } from "node:crypto";
import type { EsxiHost } from "../esxi-host.ts";
import { refuseWhileNeeded } from "../file-use/needed-files.ts";
import { deleteFile } from "./datastore-files.ts";
import { type FolderEntry, listFolder } from "./datastore-listing.ts";
import { type DatastorePath, folderOf, formatDatastorePath, inFolder } from "./datastore-path.ts";

/** Who makes a file or folder, and what goes into it. */
export interface PlaceClaim {
  readonly place: DatastorePath;
  readonly urn: string;
  /** A text that is different for each content. Empty for a folder. */
  readonly content: string;
}

const MARK = ".pulumi-esxi-direct-";

/**
 * The folder beside a file or folder, which is there while that is being made. It is removed last of all. If a run is
 * killed it stays, and its name tells the next run whose it is. The file or folder itself cannot have a mark.
 */
export function stagingFolder(claim: PlaceClaim): DatastorePath {
  return inFolder(folderOf(claim.place), `${prefixOf(claim)}${short(claim.content)}`);
}

interface FoundPlace {
  /** What is there now. */
  readonly entry: FolderEntry | undefined;
  /** True if a killed run of the same resource has finished it, and only its staging folder is left to remove. */
  readonly isOurs: boolean;
  /** The other entries of its folder. */
  readonly beside: readonly FolderEntry[];
}

/** Looks at a place, and removes what interrupted runs of the same resource have left beside it. */
export async function findPlace(host: EsxiHost, claim: PlaceClaim, signal: AbortSignal): Promise<FoundPlace> {
  const folder = folderOf(claim.place);
  const listing = (await listFolder(host, folder, signal)) ?? [];
  const entry = listing.find(({ name }) => name === nameOf(claim.place));
  const left = listing.filter(({ name, isFolder }) => isFolder && name.startsWith(prefixOf(claim)));
  const staging = stagingFolder(claim);
  // It was moved out of the staging folder, or it was made while only the staging folder was there.
  const isOurs =
    entry !== undefined &&
    left.some(({ name }) => name === nameOf(staging)) &&
    (await listFolder(host, staging, signal))?.length === 0;
  for (const { name } of left) {
    const place = inFolder(folder, name);
    await refuseWhileNeeded(host, { place, doing: "remove what an interrupted run left" });
    await deleteFile(host, formatDatastorePath(place), signal);
  }
  return { entry, isOurs, beside: listing };
}

/** Whether a killed run of the same resource may have made what is at that place. */
export const isBegun = (listing: readonly FolderEntry[], claim: Pick<PlaceClaim, "place" | "urn">): boolean =>
  listing.some(({ name, isFolder }) => isFolder && name.startsWith(prefixOf(claim)));

/** Removes the staging folder. From now on the file or folder is like any other. */
export async function endClaim(host: EsxiHost, claim: PlaceClaim, signal: AbortSignal): Promise<void> {
  await deleteFile(host, formatDatastorePath(stagingFolder(claim)), signal);
}

/** The last part of a path. */
export const nameOf = ({ path }: DatastorePath): string => path.slice(path.lastIndexOf("/") + 1);

const prefixOf = ({ place, urn }: Pick<PlaceClaim, "place" | "urn">): string =>
  `${nameOf(place)}${MARK}${short(urn)}-`;

const short = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 10);
