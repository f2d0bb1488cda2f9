import { NfcError, UploadSource } from "../../nfc/index.ts";
import { CommandError } from "../../ssh/commands/command-error.ts";
import type { EsxiShell } from "../../ssh/commands/esxi-shell.ts";
import { VmkfstoolsError } from "../../ssh/commands/vmkfstools-error.ts";
import { findEntry, forgetListings } from "../datastore/datastore-listing.ts";
import { type DatastorePath, formatDatastorePath, toHostPath } from "../datastore/datastore-path.ts";
import type { FileControl, FileToSend } from "../datastore/file-control.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { HostError, TakenError } from "../host-error.ts";
import { confirmed } from "./confirmed.ts";
import { shellOf } from "./host-shell.ts";

/** Changes files by the host's shell. Each change counts when the API shows it. */
export function sshFiles(host: EsxiHost, shell: EsxiShell): FileControl {
  return {
    makeFolder: (folder, signal) => makeFolder(host, shell, folder, signal),
    deleteFile: (file, signal) =>
      change(host, `delete ${formatDatastorePath(file)}`, signal, {
        write: (limit) => shell.removeTree(safe(host, file), limit),
        isDone: async (limit) => !(await isThere(host, file, limit)),
        maySeemDone: true,
      }),
    copyFile: (from, to, signal) =>
      change(host, `copy ${formatDatastorePath(from)} to ${formatDatastorePath(to)}`, signal, {
        write: (limit) => shell.copyFile(toHostPath(from), toHostPath(to), limit),
        isDone: async (limit) => (await sizeOf(host, to, limit)) === (await sizeOf(host, from, limit)),
        maySeemDone: true,
      }),
    moveFile: (from, to, force, signal) => moveFile(host, shell, from, to, force, signal),
    deleteDisk: (file, signal) => deleteDisk(host, shell, file, signal),
    send: (file) => send(host, file),
  };
}

async function makeFolder(
  host: EsxiHost,
  shell: EsxiShell,
  folder: DatastorePath,
  signal: AbortSignal,
): Promise<boolean> {
  forgetListings(host);
  if (await isThere(host, folder, signal)) return false;
  await change(host, `make the folder ${formatDatastorePath(folder)}`, signal, {
    write: (limit) => shell.makeFolders(toHostPath(folder), limit),
    isDone: (limit) => isThere(host, folder, limit),
  });
  return true;
}

async function moveFile(
  host: EsxiHost,
  shell: EsxiShell,
  from: DatastorePath,
  to: DatastorePath,
  force: boolean,
  signal: AbortSignal,
): Promise<void> {
  const move = `${formatDatastorePath(from)} to ${formatDatastorePath(to)}`;
  // Without this, a file that already has the new name would look as if it had been moved there.
  if (!(await isThere(host, from, signal)))
    throw new HostError(`${host.name}: could not move ${move}: there is nothing to move.`);
  const taken = new TakenError(`${host.name}: could not move ${move}: there is something of that name.`);
  const there = await findEntry(host, to, signal);
  if (there !== undefined && (!force || there.isFolder)) {
    throw taken;
  }
  await change(host, `move ${move}`, signal, {
    async write(limit) {
      if (force) await shell.move(toHostPath(from), toHostPath(to), limit);
      else if (!(await shell.moveIfFree(toHostPath(from), toHostPath(to), limit))) throw taken;
    },
    isDone: async (limit) => (await isThere(host, to, limit)) && !(await isThere(host, from, limit)),
  });
}

async function deleteDisk(
  host: EsxiHost,
  shell: EsxiShell,
  file: DatastorePath,
  signal: AbortSignal,
): Promise<void> {
  if (!/-(flat|delta|sesparse)\.vmdk$/.test(file.path)) {
    try {
      await shell.deleteDisk(toHostPath(file), signal);
    } catch (error) {
      if (!(error instanceof VmkfstoolsError) || error.inUse) throw error;
    }
  }
  const flat = { ...file, path: file.path.replace(/\.vmdk$/, "-flat.vmdk") };
  await change(host, `delete ${formatDatastorePath(file)}`, signal, {
    write: (limit) => shell.removeFiles([safe(host, file), safe(host, flat)], limit),
    isDone: async (limit) => !(await isThere(host, file, limit)),
    maySeemDone: true,
  });
}

async function send(host: EsxiHost, { target, ...file }: FileToSend): Promise<void> {
  await sendOverSsh(host, { ...file, path: toHostPath(target) });
  forgetListings(host);
  const size = await sizeOf(host, target, file.signal);
  if (size !== file.bytes)
    throw new NfcError(`Sending ${file.what}: the host shows ${size ?? "no"} bytes of ${file.bytes}.`);
}

/**
 * Sends bytes over a connection of their own. If the file is shorter than what was sent, it is removed.
 * @throws The body's error. HostError with the host's message. SshLostError if some of it did not arrive.
 */
export async function sendOverSsh(
  host: EsxiHost,
  { what, path, body, bytes, onBytes, signal }: Omit<FileToSend, "target"> & { readonly path: string },
): Promise<void> {
  await shellOf(host).transfer(async (shell) => {
    const source = new UploadSource({ what, body, contentLength: bytes, onBytes });
    try {
      const either = AbortSignal.any([signal, source.stalled]);
      await shell.upload(path, source.chunks, { bytes, signal: either });
      await source.requireSent();
    } catch (error) {
      signal.throwIfAborted();
      if (source.failure !== undefined) throw source.failure;
      if (!(error instanceof CommandError)) throw error;
      throw new HostError(`Sending ${what} failed after ${source.progress}: ${saidOf(error)}`, {
        cause: error,
      });
    } finally {
      source.close();
    }
  }, signal);
}

function saidOf({ stderr, message }: CommandError): string {
  const isFull = stderr.includes("No space left on device");
  return `${stderr.trim() || message}.${isFull ? " Make room on the datastore, or use another one." : ""}`;
}

/** A command, and a look whether the API shows its change. */
interface Change {
  write(limit: AbortSignal): Promise<void>;
  isDone(limit: AbortSignal): Promise<boolean>;
  /**
   * Whether the host may look as if the change was made before it is. A file of the same size may be there already, and
   * the list of a folder does not show the extents of disks. Then the command must have succeeded too. It may be run
   * twice.
   */
  readonly maySeemDone?: boolean;
}

async function change(
  host: EsxiHost,
  what: string,
  signal: AbortSignal,
  { write, isDone, maySeemDone = false }: Change,
): Promise<void> {
  let counts = !maySeemDone;
  forgetListings(host);
  await confirmed(host, {
    what,
    write: async (limit) => {
      await write(limit);
      counts = true;
    },
    look: async (limit) => (counts && (await isDone(limit))) || undefined,
    signal,
  });
  forgetListings(host);
}

async function isThere(host: EsxiHost, place: DatastorePath, signal: AbortSignal): Promise<boolean> {
  return (await findEntry(host, place, signal)) !== undefined;
}

async function sizeOf(host: EsxiHost, file: DatastorePath, signal: AbortSignal): Promise<number | undefined> {
  return (await findEntry(host, file, signal))?.size;
}

/** The path of something that is removed with its content. It is never a whole datastore. */
function safe(host: EsxiHost, place: DatastorePath): string {
  const isOdd = place.path
    .split("/")
    .some((segment) => segment === "" || segment === "." || segment === "..");
  if (!isOdd) return toHostPath(place);
  throw new HostError(`${host.name}: ${formatDatastorePath(place)} is nothing that may be deleted.`);
}
