import { createHash } from "node:crypto";
import { filesIn } from "../datastore/datastore-listing.ts";
import { type DatastorePath, formatDatastorePath } from "../datastore/datastore-path.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { diskOf } from "../file-use/file-names.ts";
import { HostError } from "../host-error.ts";
import type { OwnerMark } from "../vm/reading/owner-mark.ts";

/** Tells which files in a folder a run has made while it copied disks there, one after the other. */
export interface CopyingRun {
  readonly mark: Pick<OwnerMark, "urn" | "digest">;
  /** The machine's files have this name, with endings. */
  readonly base: string;
  /**
   * How many disks it had to copy. Undefined for a run of an earlier release, whose drafts do not say whose they are.
   */
  readonly count: number | undefined;
}

/** A part of file names that says which create the file belongs to. */
export function tokenOf({ urn, digest }: CopyingRun["mark"]): string {
  const text = JSON.stringify([urn, digest]);
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/** File name of a disk until its copy is whole. No other run uses the same. */
export const draftName = (mark: CopyingRun["mark"], index: number): string =>
  `copying-${tokenOf(mark)}-${index}.vmdk`;

/** File name of a copied disk. */
export const copyName = (base: string, index: number): string =>
  `${base}${index === 0 ? "" : `_${index}`}.vmdk`;

/**
 * The names in a folder that the run has made: drafts, copies, and their extents. A copy with its own name is the run's
 * if it comes before the draft that is there.
 */
export function copiesAmong(names: readonly string[], run: CopyingRun): string[] {
  const { base, count = Number.POSITIVE_INFINITY } = run;
  const drafts = names.map((name) => draftIndex(name, run)).filter((index) => index !== undefined);
  const whole = Math.min(count, ...drafts);
  return names.filter((name) => {
    const draft = draftIndex(name, run);
    return draft !== undefined ? draft < count : (copyIndex(name, base) ?? count) < whole;
  });
}

/** The number of the disk of that draft. Undefined if the name is no draft of that run. */
export function draftIndex(name: string, { mark, count }: Omit<CopyingRun, "base">): number | undefined {
  const [, token, index] = /^copying-(?:([0-9a-f]{16})-)?(\d{1,3})\.vmdk$/.exec(diskOf(name)) ?? [];
  const isOurs = token === (count === undefined ? undefined : tokenOf(mark));
  return index !== undefined && isOurs ? Number(index) : undefined;
}

function copyIndex(name: string, base: string): number | undefined {
  const disk = diskOf(name);
  if (disk === copyName(base, 0)) return 0;
  const [, index] = /_(\d{1,3})\.vmdk$/.exec(disk) ?? [];
  return index !== undefined && disk === copyName(base, Number(index)) ? Number(index) : undefined;
}

/** @throws HostError if there is anything in the folder. Later nobody could tell which files are the clone's. */
export async function refuseFullFolder(
  host: EsxiHost,
  folder: DatastorePath,
  signal: AbortSignal,
): Promise<void> {
  if ((await filesIn(host, folder, "*", signal)).length > 0) throw fullFolder(host.name, folder);
}

export function fullFolder(hostName: string, folder: DatastorePath): HostError {
  return new HostError(
    `${hostName}: the folder ${formatDatastorePath(folder)} has files in it already, and they are left alone. ` +
      "Nothing was created. Choose another `folder`, or leave it out.",
  );
}
