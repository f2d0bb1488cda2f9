/** Datastore paths: `[datastore1] dir/file`, with one space after the bracket and no slash before the first folder. */
import { DatastorePathError } from "./datastore-path-error.ts";

export interface DatastorePath {
  readonly datastore: string;
  /** Path below the datastore's root, with `/` between segments. Empty for the root. */
  readonly path: string;
}

/** The name of a datastore may have brackets too, in pairs. */
const PATH = /^\[((?:[^[\]]|\[[^[\]]*\])+|[^\]]+)\](?: (.*))?$/s;

/**
 * Parses a datastore path. `[ds]` alone means the root. So does `[ds] .`, which clients write.
 *
 * @throws DatastorePathError if it has another form or leaves the datastore.
 */
export function parseDatastorePath(text: string): DatastorePath {
  const match = PATH.exec(text);
  const datastore = match?.[1];
  if (datastore === undefined) throw new DatastorePathError(text);
  try {
    const segments = (match?.[2] ?? "").split("/").filter((segment) => segment !== ".");
    return { datastore, path: normalizeRelativePath(segments.join("/")) };
  } catch {
    throw new DatastorePathError(text);
  }
}

/** Writes a datastore path as the host does. */
export function formatDatastorePath({ datastore, path }: DatastorePath): string {
  return path === "" ? `[${datastore}]` : `[${datastore}] ${path}`;
}

/**
 * The normal form of a path below a datastore's root: no empty segments, no slash at either end.
 *
 * @throws DatastorePathError for `..`, `.`, and control characters.
 */
export function normalizeRelativePath(path: string): string {
  const segments = path.split("/").filter((segment) => segment !== "");
  if (/[\x00-\x1f\x7f]/.test(path) || segments.some((segment) => segment === ".." || segment === ".")) {
    throw new DatastorePathError(path);
  }
  return segments.join("/");
}

/** The folder of a relative path. Empty for the root. */
export function parentFolder(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** The last segment of a relative path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
