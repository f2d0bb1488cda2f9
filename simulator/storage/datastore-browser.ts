/** HostDatastoreBrowser: lists the folders of a datastore. */
import type { FileInfo, HostDatastoreBrowserSearchSpec, ManagedObjectReference } from "../../schema/index.ts";
import { invalidDatastorePath } from "../core/datastore-faults.ts";
import { resolveDatastorePath } from "../core/datastore-paths.ts";
import { DATASTORE_BROWSER, datastoreBrowserRef, datastoreRef } from "../core/ids.ts";
import type { ManagedObject } from "../core/objects.ts";
import type { DatastoreEntry } from "../datastore/datastore.ts";
import type { DatastoreFile } from "../datastore/file.ts";
import { diskCapacity } from "../disk/descriptor.ts";
import { readDescriptor } from "../disk/disk.ts";
import { type Call, type Handlers, type Part, sessionOf } from "../handlers.ts";
import { datastoreRefs, type HostContext } from "../host-context.ts";
import { TypedValue } from "../soap/encode.ts";
import { VimFault } from "../soap/fault.ts";

interface HostDatastoreBrowserSearchResults {
  readonly datastore: ManagedObjectReference;
  /** `[datastore1] dir/` */
  readonly folderPath: string;
  readonly file: readonly FileInfo[];
}

export function datastoreBrowsers(host: HostContext): Part {
  const search = (
    call: Call,
    path: string,
    operation: string,
    work: (folder: DatastoreFile) => Promise<unknown>,
  ): ManagedObjectReference => {
    const folder = resolveDatastorePath(host.datastores, path);
    const own = call.object.ref.value;
    if (own !== DATASTORE_BROWSER.value && own !== datastoreBrowserRef(folder.datastore.uuid).value) {
      throw invalidDatastorePath(path);
    }
    return host.tasks.start(
      {
        method: call.method,
        operation: `vim.host.DatastoreBrowser.${operation}`,
        entity: datastoreRef(folder.datastore.uuid),
        entityName: folder.datastore.name,
        userName: sessionOf(call).userName,
        rule: call.taskRule,
      },
      async () => {
        if ((await folder.datastore.find(folder.path))?.kind !== "directory" && folder.path !== "")
          throw notFound(path);
        return await work(folder);
      },
    );
  };

  const handlers: Handlers = {
    SearchDatastore_Task: (call, { datastorePath, searchSpec }) =>
      search(call, datastorePath, "search", async (folder) => {
        const entries = await folder.datastore.listIfThere(folder.path);
        if (entries === undefined) throw notFound(datastorePath);
        return {
          $type: "HostDatastoreBrowserSearchResults",
          ...(await results(folder, entries, searchSpec)),
        };
      }),

    SearchDatastoreSubFolders_Task: (call, { datastorePath, searchSpec }) =>
      search(call, datastorePath, "searchSubFolders", async (folder) => {
        const all: HostDatastoreBrowserSearchResults[] = [];
        const visit = async (at: DatastoreFile): Promise<void> => {
          const entries = await at.datastore.listIfThere(at.path);
          if (entries === undefined && at === folder) throw notFound(datastorePath);
          // It was deleted after the folder above it had been listed.
          if (entries === undefined) return;
          all.push(await results(at, entries, searchSpec));
          for (const entry of entries) {
            if (entry.kind === "directory")
              await visit({ ...at, path: at.path === "" ? entry.name : `${at.path}/${entry.name}` });
          }
        };
        await visit(folder);
        return new TypedValue(
          { type: "HostDatastoreBrowserSearchResults", array: true, reference: false },
          all,
        );
      }),
  };
  return { objects: [browserObject(DATASTORE_BROWSER, () => datastoreRefs(host))], handlers };
}

export const browserObject = (
  ref: ManagedObjectReference,
  shown: () => ManagedObjectReference[],
): ManagedObject => ({ ref, readers: { datastore: shown, supportedType: () => [] } });

async function results(
  { datastore, path }: DatastoreFile,
  entries: readonly DatastoreEntry[],
  spec: HostDatastoreBrowserSearchSpec | undefined,
): Promise<HostDatastoreBrowserSearchResults> {
  const patterns = (spec?.matchPattern ?? []).map((pattern) =>
    glob(pattern, spec?.searchCaseInsensitive ?? true),
  );
  const file: FileInfo[] = [];
  for (const entry of entries) {
    if (patterns.length > 0 && !patterns.some((pattern) => pattern.test(entry.name))) continue;
    if (entry.name.endsWith("-flat.vmdk")) continue;
    const info = await fileInfo(
      { datastore, path: path === "" ? entry.name : `${path}/${entry.name}` },
      entry,
      spec,
    );
    if (matches(info, spec)) file.push(info);
  }
  if (spec?.sortFoldersFirst)
    file.sort((a, b) => Number(b.$type === "FolderFileInfo") - Number(a.$type === "FolderFileInfo"));
  const folderPath = path === "" ? `[${datastore.name}]` : `${datastore.datastorePath(path)}/`;
  return { datastore: datastoreRef(datastore.uuid), folderPath, file };
}

const TYPES: readonly (readonly [pattern: RegExp, type: string])[] = [
  [/\.vmdk$/i, "VmDiskFileInfo"],
  [/\.vmx$/i, "VmConfigFileInfo"],
  [/\.nvram$/i, "VmNvramFileInfo"],
  [/\.log$/i, "VmLogFileInfo"],
  [/\.iso$/i, "IsoImageFileInfo"],
  [/\.flp$/i, "FloppyImageFileInfo"],
];

async function fileInfo(
  { datastore, path }: DatastoreFile,
  entry: DatastoreEntry,
  spec: HostDatastoreBrowserSearchSpec | undefined,
): Promise<FileInfo> {
  const { details } = spec ?? {};
  const known = TYPES.find(([pattern]) => pattern.test(entry.name))?.[1] ?? "FileInfo";
  const type = entry.kind === "directory" ? "FolderFileInfo" : known;
  const typed = details?.fileType || (spec?.query ?? []).length > 0;
  const isDisk = type === "VmDiskFileInfo";
  const descriptor = isDisk ? await readDescriptor(datastore, path).catch(() => undefined) : undefined;
  const flat = path.replace(/\.vmdk$/i, "-flat.vmdk");
  const fileSize =
    descriptor && (await datastore.exists(flat)) ? datastore.allocatedBytes(flat) : entry.sizeBytes;
  const disk =
    typed && descriptor
      ? { capacityKb: Math.floor(diskCapacity(descriptor) / 1024), thin: descriptor.thin }
      : {};
  const info = {
    $type: typed ? type : "FileInfo",
    path: entry.name,
    ...(details?.fileSize ? { fileSize } : {}),
    ...(details?.modification ? { modification: entry.modified.toISOString() } : {}),
    ...(details?.fileOwner ? { owner: "root" } : {}),
    ...disk,
  };
  return info;
}

function matches(info: FileInfo, spec: HostDatastoreBrowserSearchSpec | undefined): boolean {
  const wanted = (spec?.query ?? []).map((query) => query.$type?.replace(/Query$/, "Info") ?? "FileInfo");
  return wanted.length === 0 || wanted.includes("FileInfo") || wanted.includes(info.$type ?? "");
}

function glob(pattern: string, ignoreCase: boolean): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, ignoreCase ? "is" : "s");
}

function notFound(path: string): VimFault {
  return new VimFault("FileNotFound", `File ${path} was not found`, { file: path });
}
