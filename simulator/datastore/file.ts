/** A file of a datastore, and its names elsewhere on the host. */
import type { Datastore } from "./datastore.ts";
import { DatastorePathError } from "./datastore-path-error.ts";
import { baseName, normalizeRelativePath, parentFolder } from "./path.ts";

export interface DatastoreFile {
  readonly datastore: Datastore;
  /** Relative to the datastore's root. */
  readonly path: string;
}

/** The host's datastores by name. */
export type Volumes = ReadonlyMap<string, Datastore>;

export function sameFile(a: DatastoreFile, b: DatastoreFile): boolean {
  return a.datastore === b.datastore && a.path === b.path;
}

/** A path of the host's own file system as the API writes it, and as a `.vmx` does. Undefined for any other path. */
export function hostFile(name: string): { readonly api: string; readonly vmx: string } | undefined {
  const path = /^\[\] *(\/.*)$/s.exec(name)?.[1] ?? name;
  if (!path.startsWith("/") || path.startsWith("/vmfs/volumes/")) return undefined;
  return { api: `[] ${path}`, vmx: path };
}

/** `[datastore1] dir/file` */
export function formatFile({ datastore, path }: DatastoreFile): string {
  return datastore.datastorePath(path);
}

/** `/vmfs/volumes/<UUID>/dir/file`, the host's own name for a file. */
export function volumePath({ datastore, path }: DatastoreFile): string {
  return `/vmfs/volumes/${datastore.uuid}/${path}`;
}

/** The name of a file inside another file. It is the bare name if they are in the same folder. */
export function nameFrom(from: DatastoreFile, file: DatastoreFile): string {
  const together = from.datastore === file.datastore && parentFolder(from.path) === parentFolder(file.path);
  return together ? baseName(file.path) : volumePath(file);
}

/**
 * The file that is meant by a name in another file. The name is relative to that file's folder, or below
 * `/vmfs/volumes` with a volume's name or UUID.
 *
 * @throws DatastorePathError if the host has no such volume
 */
export function namedFile(volumes: Volumes, from: DatastoreFile, name: string): DatastoreFile {
  const absolute = /^\/vmfs\/volumes\/([^/]+)\/(.*)$/s.exec(name);
  if (absolute === null) {
    const folder = parentFolder(from.path);
    return { datastore: from.datastore, path: climb(folder === "" ? name : `${folder}/${name}`) };
  }
  const [, volume = "", path = ""] = absolute;
  const datastore = [...volumes.values()].find((one) => one.uuid === volume || one.name === volume);
  if (datastore === undefined) throw new DatastorePathError(name);
  return { datastore, path: climb(path) };
}

/** Resolves `..`, which old files have in their hints. */
function climb(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") {
      if (segments.pop() === undefined) throw new DatastorePathError(path);
    } else if (segment !== "." && segment !== "") segments.push(segment);
  }
  return normalizeRelativePath(segments.join("/"));
}
