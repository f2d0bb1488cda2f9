import type { ManagedObjectReference } from "../../schema/index.ts";
import { create, isA } from "../vim/codec/objects.ts";
import { isFault } from "../vim/faults.ts";
import { retrieveOne } from "../vim/property-collector.ts";
import { type DatastorePath, formatDatastorePath, inFolder } from "./datastore-path.ts";
import type { EsxiHost } from "./esxi-host.ts";
import { HostError } from "./host-error.ts";
import { findDatastore } from "./placement.ts";

/** Makes a folder, and those above it. Nothing happens if it is there. */
export async function makeFolder(host: EsxiHost, folder: DatastorePath, signal: AbortSignal): Promise<void> {
  const name = formatDatastorePath(folder);
  try {
    await host.client.call(
      await fileManager(host),
      "MakeDirectory",
      { name, createParentDirectories: true },
      { signal },
    );
  } catch (error) {
    if (!isFault(error, "FileAlreadyExists")) throw error;
  }
}

/** Names of the files in a folder that match; empty if there is no such folder. */
export async function filesIn(
  host: EsxiHost,
  folder: DatastorePath,
  pattern: string,
  signal: AbortSignal,
): Promise<string[]> {
  const datastore = await findDatastore(host, folder.datastore);
  const { browser } = await retrieveOne(host.client, datastore.ref, "Datastore", ["browser"], signal);
  if (!browser) throw new HostError(`${host.name} does not let anybody look into ${folder.datastore}.`);
  try {
    const found = await host.task<unknown>(
      () =>
        host.client.call(browser, "SearchDatastore_Task", {
          datastorePath: formatDatastorePath(folder),
          searchSpec: create("HostDatastoreBrowserSearchSpec", { matchPattern: [pattern] }),
        }),
      { signal },
    );
    return isA(found, "HostDatastoreBrowserSearchResults") ? (found.file ?? []).map(({ path }) => path) : [];
  } catch (error) {
    if (isFault(error, "FileNotFound")) return [];
    throw error;
  }
}

/** Deletes one file as it is, whatever it belongs to. Nothing happens if it is not there. */
export async function deleteFile(host: EsxiHost, file: string, signal: AbortSignal): Promise<void> {
  const manager = await fileManager(host);
  try {
    await host.task(() => host.client.call(manager, "DeleteDatastoreFile_Task", { name: file }), { signal });
  } catch (error) {
    if (!isFault(error, "FileNotFound")) throw error;
  }
}

export async function copyFile(
  host: EsxiHost,
  from: DatastorePath,
  to: DatastorePath,
  signal: AbortSignal,
): Promise<void> {
  const manager = await fileManager(host);
  const params = {
    sourceName: formatDatastorePath(from),
    destinationName: formatDatastorePath(to),
    force: true,
  };
  await host.task(() => host.client.call(manager, "CopyDatastoreFile_Task", params), { signal });
}

/**
 * Deletes the disk files in a folder that are not to be kept. Copies that a dead process has begun go on at
 * the host and keep their files locked: those are waited for.
 */
export async function deleteLooseDisks(
  host: EsxiHost,
  folder: DatastorePath,
  keep: (file: string) => boolean,
  signal: AbortSignal,
): Promise<void> {
  for (let tries = 0; ; tries++) {
    const loose = (await filesIn(host, folder, "*.vmdk", signal))
      .map((name) => formatDatastorePath(inFolder(folder, name)))
      .filter((file) => !keep(file));
    if (loose.length === 0) return;
    try {
      for (const file of loose) await deleteFile(host, file, signal);
    } catch (error) {
      if (tries === 5 || !(isFault(error, "FileFault") || isFault(error, "ResourceInUse"))) throw error;
      await copiesEnded(host, signal);
    }
  }
}

/** Waits until no disk is being copied at the host, by whomever. */
async function copiesEnded(host: EsxiHost, signal: AbortSignal): Promise<void> {
  const { taskManager } = (await host.facts()).content;
  if (!taskManager) return;
  const { recentTask } = await retrieveOne(host.client, taskManager, "TaskManager", ["recentTask"], signal);
  await Promise.allSettled((recentTask ?? []).map((task) => endOfCopy(host, task, signal)));
  signal.throwIfAborted();
}

async function endOfCopy(host: EsxiHost, task: ManagedObjectReference, signal: AbortSignal): Promise<void> {
  const { info } = await retrieveOne(host.client, task, "Task", ["info"], signal);
  const isCopy = /copyVirtualDisk/i.test(`${info?.descriptionId} ${info?.name}`);
  if (isCopy && (info?.state === "running" || info?.state === "queued")) {
    await host.client.updates.waitForTask(task, { signal });
  }
}

async function fileManager(host: EsxiHost): Promise<ManagedObjectReference> {
  const { fileManager: manager } = (await host.facts()).content;
  if (manager) return manager;
  throw new HostError(`${host.name} offers no access to files on its datastores.`);
}
