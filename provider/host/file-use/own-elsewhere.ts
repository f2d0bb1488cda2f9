import {
  baseName,
  type DatastorePath,
  folderOf,
  formatDatastorePath,
  parseDatastorePath,
} from "../datastore/datastore-path.ts";

/**
 * True for a disk with the machine's name in the folder of that name on another datastore. Hosts give disks such names
 * if only their datastore is said.
 */
export function isOwnElsewhere(file: string, vmxPath: string): boolean {
  const [disk, vmx] = [parseDatastorePath(file), parseDatastorePath(vmxPath)];
  const [folder, own] = [folderOf(disk), folderOf(vmx)];
  const isTwin = folder.datastore !== own.datastore && own.path !== "" && folder.path === own.path;
  const [name, base] = [baseName(disk), baseName(vmx)];
  return (
    isTwin && (name === base || (name.startsWith(`${base}_`) && /^_\d{1,3}$/.test(name.slice(base.length))))
  );
}

/** Folders of those files, without the machine's own folder and without whole datastores. */
export function foldersElsewhere(files: readonly string[], vmxPath: string): DatastorePath[] {
  const own = formatDatastorePath(folderOf(parseDatastorePath(vmxPath)));
  const folders = files.map((file) => folderOf(parseDatastorePath(file))).filter(({ path }) => path !== "");
  const paths = new Map(folders.map((folder) => [formatDatastorePath(folder), folder]));
  paths.delete(own);
  return [...paths.values()];
}
