import {
  type DatastorePath,
  formatDatastorePath,
  isDatastorePath,
  parseDatastorePath,
} from "../datastore/datastore-path.ts";

/** One spelling for all texts that name the same file. */
export function spelled(file: string): string {
  if (!isDatastorePath(file)) return file;
  const { datastore, path } = parseDatastorePath(file);
  return formatDatastorePath({ datastore, path: path.replace(/\/{2,}/g, "/") });
}

/** The disk that an extent belongs to: `a.vmdk` of `a-flat.vmdk`. */
export const diskOf = (file: string): string =>
  file.replace(/-(flat|delta|sesparse|ctk|rdm|rdmp)\.vmdk$/, ".vmdk");

/** True if the file is that place, or lies below it. */
export function isBelow(file: DatastorePath, place: DatastorePath): boolean {
  if (file.datastore !== place.datastore) return false;
  return place.path === "" || `${file.path}/`.startsWith(`${place.path}/`);
}
