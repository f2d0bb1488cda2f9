import {
  type DatastorePath,
  formatDatastorePath,
  isDatastorePath,
  parseDatastorePath,
  pathOnUnnamed,
} from "../datastore/datastore-path.ts";

/**
 * One spelling for all texts that name the same file. A file on a datastore without a name is spelled as by
 * {@link onUnnamed}.
 */
export function spelled(file: string): string {
  const unnamed = pathOnUnnamed(file);
  if (unnamed !== undefined) return onUnnamed(unnamed);
  if (!isDatastorePath(file)) return file;
  const { datastore, path } = parseDatastorePath(file);
  return formatDatastorePath({ datastore, path: path.replace(/\/{2,}/g, "/") });
}

/** How {@link spelled} spells a file of which only the path is known: it may be on any datastore. */
export const onUnnamed = (path: string): string => `[] ${path}`;

/** The disk that an extent belongs to: `a.vmdk` of `a-flat.vmdk`. */
export const diskOf = (file: string): string =>
  file.replace(/-(flat|delta|sesparse|ctk|rdm|rdmp)\.vmdk$/, ".vmdk");

/** True if the file is that place, or lies below it. */
export function isBelow(file: DatastorePath, place: DatastorePath): boolean {
  if (file.datastore !== place.datastore) return false;
  return place.path === "" || `${file.path}/`.startsWith(`${place.path}/`);
}
