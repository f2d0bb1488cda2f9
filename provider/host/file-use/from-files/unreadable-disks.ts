import type { HostDatastoreBrowserSearchResults } from "../../../../schema/index.ts";
import { create } from "../../../vim/codec/objects.ts";
import { isFault } from "../../../vim/faults.ts";
import { HEAD_BYTES, parseDiskHead } from "../../../vmdk/create-type.ts";
import { searchUncounted } from "../../datastore/datastore-listing.ts";
import {
  type DatastorePath,
  folderOf,
  formatDatastorePath,
  inFolder,
  parseDatastorePath,
} from "../../datastore/datastore-path.ts";
import { readHead } from "../../datastore/file-access.ts";
import type { EsxiHost } from "../../esxi-host.ts";
import { readDatastores } from "../../inventory/datastores.ts";
import type { UnreadableVm } from "../../vm/reading/unreadable-vm.ts";
import { diskOf, spelled } from "../file-names.ts";
import { type BaseOfUnreadable, type BasesOfUnreadable, homeOf } from "../vm-uses.ts";
import { fileNamed, type Volumes } from "./file-named.ts";

const PATIENCE_MS = 60_000;
/** A host opens no longer chain. */
const MOST_LINKS = 32;

/** What the machines have that the host can read. */
export interface Others {
  /** Whether one of them has that file. */
  has(file: string): boolean;
  /** Whether that folder is the one of such a machine. */
  livesIn(folder: DatastorePath): boolean;
}

/**
 * Finds the disks of an unreadable machine outside its own folder, and what all its disks build on.
 *
 * Looks into the descriptors of the disks in the machine's folder, if the host still says which folder that is. Disks on
 * other datastores are in a folder of the same path there. If the host does not say, it looks into the disks that no
 * other machine has. A datastore that the host does not reach does not matter: nobody can delete a disk there, and hosts
 * make linked clones only on the datastore of their base.
 */
export async function basesOfUnreadable(
  host: EsxiHost,
  vm: UnreadableVm,
  others: Others,
): Promise<BasesOfUnreadable> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const home = homeOf(vm.vmxPath ?? "");
  const files: BaseOfUnreadable[] = [];
  const elsewhere: string[] = [];
  const unseen: string[] = [];
  const volumes = await readDatastores(host);
  for (const { name, accessible } of volumes) {
    if (!accessible) continue;
    const place = { datastore: name, path: home?.path ?? "" };
    const isElsewhere = home?.datastore !== undefined && home.datastore !== name;
    if (isElsewhere && (place.path === "" || others.livesIn(place))) continue;
    try {
      const method = home ? "SearchDatastore_Task" : "SearchDatastoreSubFolders_Task";
      const searchSpec = create("HostDatastoreBrowserSearchSpec", { matchPattern: ["*.vmdk"] });
      const disks = (await searchUncounted(host, place, method, searchSpec, signal))
        .flatMap(disksIn)
        .filter((disk) => !others.has(spelled(formatDatastorePath(disk))));
      if (isElsewhere) elsewhere.push(...disks.map(formatDatastorePath));
      for (const disk of disks) files.push(...(await basesOf(host, disk, async () => volumes, signal)));
    } catch (error) {
      if (!home || !isFault(error, "FileNotFound")) unseen.push(name);
    }
  }
  return { files, elsewhere, unseen };
}

function disksIn({ folderPath = "", file = [] }: HostDatastoreBrowserSearchResults): DatastorePath[] {
  const folder = parseDatastorePath(folderPath);
  const names = file.map(({ path }) => path);
  return names.filter((name) => diskOf(name) === name).map((name) => inFolder(folder, name));
}

/** The disks on which a disk builds, down to the last one that can be read. */
export async function basesOf(
  host: EsxiHost,
  disk: DatastorePath,
  volumes: Volumes,
  signal: AbortSignal,
): Promise<BaseOfUnreadable[]> {
  const bases: BaseOfUnreadable[] = [];
  let at = disk;
  for (let links = 0; links < MOST_LINKS; links++) {
    const head: Uint8Array | undefined = await readHead(host, at, HEAD_BYTES, signal);
    const parent = head && parseDiskHead(head)?.parent;
    if (parent === undefined) break;
    const base = await fileNamed(parent, folderOf(at), volumes);
    bases.push(base);
    at = { datastore: base.datastore ?? at.datastore, path: base.path };
  }
  return bases;
}
