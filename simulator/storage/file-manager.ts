/** FileManager: folders and files of the datastores. */
import { copyFile } from "node:fs/promises";
import type { ManagedObjectReference } from "../../schema/index.ts";
import { fileFault } from "../core/datastore-faults.ts";
import { resolveDatastorePath } from "../core/datastore-paths.ts";
import { FILE_MANAGER } from "../core/ids.ts";
import type { DatastoreFile } from "../datastore/file.ts";
import { type Call, type Handlers, type Part, sessionOf } from "../handlers.ts";
import { datastoresChanged, type HostContext } from "../host-context.ts";
import { invalidArgument, VimFault } from "../soap/fault.ts";
import { holdsBelow } from "../vm/files/locks.ts";
import type { Vms } from "../vm/vms.ts";

export function fileManager(host: HostContext, vms: Vms): Part {
  const resolve = (path: string): DatastoreFile => resolveDatastorePath(host.datastores, path);

  const fileTask = (call: Call, operation: string, work: () => Promise<void>): ManagedObjectReference =>
    host.tasks.start(
      {
        method: call.method,
        operation: `vim.FileManager.${operation}`,
        entity: FILE_MANAGER,
        entityName: "",
        userName: sessionOf(call).userName,
        rule: call.taskRule,
      },
      async () => {
        await work().catch((error: unknown) => Promise.reject(fileFault(error)));
        datastoresChanged(host);
      },
    );

  const handlers: Handlers = {
    async MakeDirectory(_call, { name, createParentDirectories }) {
      const { datastore, path } = resolve(name);
      if (path === "") throw invalidArgument("name");
      await datastore
        .makeDirectory(path, createParentDirectories ?? false)
        .catch((error: unknown) => Promise.reject(fileFault(error)));
    },

    DeleteDatastoreFile_Task(call, { name }) {
      const file = resolve(name);
      if (file.path === "") throw invalidArgument("name");
      return fileTask(call, "deleteFile", async () => {
        checkFree(vms, file);
        await file.datastore.remove(file.path, true);
      });
    },

    MoveDatastoreFile_Task(call, { sourceName, destinationName, force }) {
      const from = resolve(sourceName);
      const to = resolve(destinationName);
      return fileTask(call, "moveFile", async () => {
        checkFree(vms, from);
        checkFree(vms, to);
        if (from.datastore !== to.datastore) {
          await copy(from, to, force ?? false);
          await from.datastore.remove(from.path, true);
        } else await from.datastore.move(from.path, to.path, force ?? false);
      });
    },

    CopyDatastoreFile_Task(call, { sourceName, destinationName, force }) {
      const from = resolve(sourceName);
      const to = resolve(destinationName);
      return fileTask(call, "copyFile", () => copy(from, to, force ?? false));
    },
  };
  return { objects: [{ ref: FILE_MANAGER, readers: {} }], handlers };
}

/** One file alone. For a disk only the descriptor. */
async function copy(from: DatastoreFile, to: DatastoreFile, force: boolean): Promise<void> {
  const found = await from.datastore.find(from.path);
  if (found?.kind !== "file") throw fault("FileNotFound", from);
  if ((await to.datastore.exists(to.path)) && !force) throw fault("FileAlreadyExists", to);
  to.datastore.setAllocated(to.path, found.sizeBytes);
  await copyFile(from.datastore.localPath(from.path), to.datastore.localPath(to.path)).catch(
    (error: unknown) => {
      to.datastore.setAllocated(to.path, 0);
      throw error;
    },
  );
}

/** @throws VimFault FileLocked if a running VM locks the file or something in the folder */
function checkFree(vms: Vms, file: DatastoreFile): void {
  if (holdsBelow(vms.list(), file)) throw fault("FileLocked", file);
}

const SENTENCES = {
  FileNotFound: (path: string) => `File ${path} was not found`,
  FileAlreadyExists: (path: string) => `The specified key, name, or identifier '${path}' already exists.`,
  FileLocked: (path: string) => `Unable to access file ${path} since it is locked`,
};

export function fault(type: keyof typeof SENTENCES, { datastore, path }: DatastoreFile): VimFault {
  const file = datastore.datastorePath(path);
  return new VimFault(type, SENTENCES[type](file), { file });
}
