import { HostError } from "../host-error.ts";
import { UnreadableError } from "../unreadable-error.ts";

/** A place on a datastore. */
export interface DatastorePath {
  readonly datastore: string;
  /** Without a slash at either end. Empty for the datastore itself. */
  readonly path: string;
}

/** A datastore's name may have brackets too, in pairs: `[store [1]] vm/vm.vmx`. */
const PATH = /^\s*\[((?:[^[\]]|\[[^[\]]*\])+|[^\]]+)\](.*)$/s;

/**
 * Reads `[datastore1] vm/vm.vmx`, and what people write instead: no space, or a slash, behind the bracket.
 * @throws UnreadableError for a file on a datastore that the host does not have now.
 * @throws HostError for anything else.
 */
export function parseDatastorePath(text: string): DatastorePath {
  const [, datastore, path] = PATH.exec(text) ?? [];
  if (datastore === undefined || path === undefined) {
    if (pathOnUnnamed(text) !== undefined) throw new UnreadableError(refusalOf(text));
    throw new HostError(`"${text}" is no datastore path. Such a path looks like [datastore1] folder/file.`);
  }
  return { datastore, path: withoutEnds(path) };
}

const refusalOf = (file: string) =>
  `The file ${file} is on a datastore that the host does not have now. What is on it is not gone, and nothing was changed. ` +
  "Bring it back, then run the same once more. If it is lost for good, take the file out of the machine's devices in " +
  "the host's client.";

/** Without the spaces and slashes at both ends. */
function withoutEnds(path: string): string {
  const isEnd = (character: string | undefined) => character !== undefined && /[ /]/.test(character);
  let [start, end] = [0, path.length];
  while (start < end && isEnd(path[start])) start++;
  while (end > start && isEnd(path[end - 1])) end--;
  return path.slice(start, end);
}

export const isDatastorePath = (text: string): boolean => /^\s*\[[^\]]+\]/.test(text);

/** The datastore of a path, as the host spells it. Empty if the text is no path. */
export const datastoreOf = (text: string): string => PATH.exec(text)?.[1] ?? "";

/**
 * The path of a file on a datastore that the host does not have now, and so has no name for: `vm/vm.vmdk` of
 * `[] /vmfs/volumes/5e2c…/vm/vm.vmdk`. Undefined for any other text.
 */
export const pathOnUnnamed = (text: string): string | undefined =>
  fromHostPath(/^\s*\[\]\s*(\/.+)$/s.exec(text)?.[1] ?? "")?.path;

/** Whether the host means that file, even if it has no name for its datastore now. */
export const isFile = (told: string, file: string): boolean =>
  told === file || (isDatastorePath(file) && pathOnUnnamed(told) === parseDatastorePath(file).path);

export const formatDatastorePath = ({ datastore, path }: DatastorePath): string =>
  path === "" ? `[${datastore}]` : `[${datastore}] ${path}`;

/** The folder that a file is in. */
export function folderOf({ datastore, path }: DatastorePath): DatastorePath {
  return { datastore, path: path.slice(0, Math.max(0, path.lastIndexOf("/"))) };
}

/** The place of a name in that folder. */
export function inFolder({ datastore, path }: DatastorePath, name: string): DatastorePath {
  return { datastore, path: path === "" ? name : `${path}/${name}` };
}

/** The last part without its ending: `vm` of `[datastore1] vm/vm.vmx`. */
export function baseName({ path }: DatastorePath): string {
  return path.slice(path.lastIndexOf("/") + 1).replace(/\.[^.]*$/, "");
}

/** The path in the host's own file system, from its root. */
export const toHostPath = ({ datastore, path }: DatastorePath): string =>
  `/vmfs/volumes/${datastore}${path === "" ? "" : `/${path}`}`;

/**
 * What a path in the host's own file system names: the volume, by its number or a datastore's name, and the path on it.
 * Undefined for any other text.
 */
export function fromHostPath(text: string): { readonly volume: string; readonly path: string } | undefined {
  const [, volume, path] = /^\/vmfs\/volumes\/([^/]+)\/(.+)$/s.exec(text) ?? [];
  return volume === undefined || path === undefined ? undefined : { volume, path };
}

/** True if the file is in that folder or below it. A path that climbs with `..` is in no folder. */
export function isInFolder(file: DatastorePath, folder: DatastorePath): boolean {
  if (file.datastore !== folder.datastore || folder.path === "") return false;
  return (
    file.path.startsWith(`${folder.path}/`) &&
    file.path.split("/").every((segment) => segment !== ".." && segment !== "." && segment !== "")
  );
}

/** True if that text names a file in the folder of that machine or below it. The text may be anything. */
export function isBesideVm(file: string, vmxPath: string): boolean {
  if (!isDatastorePath(file) || !isDatastorePath(vmxPath)) return false;
  return isInFolder(parseDatastorePath(file), folderOf(parseDatastorePath(vmxPath)));
}
