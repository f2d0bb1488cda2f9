import { createHash } from "node:crypto";
import type { EsxiHost } from "../esxi-host.ts";
import { refuseWhileNeeded } from "../file-use/needed-files.ts";
import { deleteFile } from "./datastore-files.ts";
import { type FolderEntry, listFolder } from "./datastore-listing.ts";
import { type DatastorePath, folderOf, formatDatastorePath, inFolder } from "./datastore-path.ts";

/** Who makes a file or folder, and what it is to hold. */
export interface PlaceClaim {
  readonly place: DatastorePath;
  readonly urn: string;
  /** Anything that differs when the content does; empty for a folder. */
  readonly content: string;
}

const MARK = ".pulumi-esxi-direct-";

/**
 * The folder beside a file or folder that is there while it is made, and is removed last of all. A run that was killed
 * leaves it, and its name tells the next one whose it is: neither files nor folders can be marked themselves.
 */
export function stagingFolder(claim: PlaceClaim): DatastorePath {
  return inFolder(folderOf(claim.place), `${prefixOf(claim)}${short(claim.content)}`);
}

interface FoundPlace {
  /** What is there now. */
  readonly entry: FolderEntry | undefined;
  /** True if a run of the same resource that was killed has made it; only its staging folder is still to go. */
  readonly isOurs: boolean;
  /** What is beside it. */
  readonly beside: readonly FolderEntry[];
}

/** Looks at a place, and clears away what interrupted runs of the same resource have left beside it. */
export async function findPlace(host: EsxiHost, claim: PlaceClaim, signal: AbortSignal): Promise<FoundPlace> {
  const folder = folderOf(claim.place);
  const listing = (await listFolder(host, folder, signal)) ?? [];
  const entry = listing.find(({ name }) => name === nameOf(claim.place));
  const left = listing.filter(({ name, isFolder }) => isFolder && name.startsWith(prefixOf(claim)));
  const staging = stagingFolder(claim);
  // It was moved out of the staging folder, or made when that was there and nothing else was.
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

/** Whether a run of the same resource that was killed may have made what is in the folder. */
export const isBegun = (listing: readonly FolderEntry[], claim: Pick<PlaceClaim, "place" | "urn">): boolean =>
  listing.some(({ name, isFolder }) => isFolder && name.startsWith(prefixOf(claim)));

/** Removes the staging folder: from now on the file or folder is like any other. */
export async function endClaim(host: EsxiHost, claim: PlaceClaim, signal: AbortSignal): Promise<void> {
  await deleteFile(host, formatDatastorePath(stagingFolder(claim)), signal);
}

/** The last part of a path. */
export const nameOf = ({ path }: DatastorePath): string => path.slice(path.lastIndexOf("/") + 1);

const prefixOf = ({ place, urn }: Pick<PlaceClaim, "place" | "urn">): string =>
  `${nameOf(place)}${MARK}${short(urn)}-`;

const short = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 10);
