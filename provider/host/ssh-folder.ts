import { createHash } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { EsxiShell } from "../ssh/esxi-shell.ts";
import { VmkfstoolsError } from "../ssh/vmkfstools-error.ts";
import type { CloneOptions, CloneRequest } from "./clone-request.ts";
import { type DatastorePath, folderOf, formatDatastorePath, inFolder, toHostPath } from "./datastore-path.ts";
import type { EsxiHost } from "./esxi-host.ts";
import { HostError } from "./host-error.ts";
import type { OwnerMark } from "./owner-mark.ts";
import { idleSeconds, ownSession, SIGN_OF_LIFE_SECONDS } from "./session-owner.ts";

const MOST_NAMES = 100;
const LOCK_TRIES = 20;
const LOCK_PAUSE_MS = 3000;
/** Descriptors, not the extents beside them. */
const DESCRIPTOR = /^(?!.*-(flat|delta|sesparse|ctk)\.vmdk$).*\.vmdk$/;

/**
 * Name of the file that stands in a folder for as long as what is being made there is not finished. It tells the
 * resource's own next run whose the folder is; in it stands which session is at work.
 */
export function flagOf({ urn, digest }: Pick<OwnerMark, "urn" | "digest">): string {
  return `pulumi-creating-${createHash("sha256")
    .update(JSON.stringify([urn, digest]))
    .digest("hex")
    .slice(0, 16)}`;
}

/**
 * Makes the folder for a new machine, with the flag in it. What an interrupted run of the same resource has left in
 * such a folder is removed; a folder with anything else in it is left alone.
 *
 * @throws HostError if the folder that was asked for is not empty, or another run is at work in it.
 */
export async function claimFolder(
  host: EsxiHost,
  shell: EsxiShell,
  request: CloneRequest,
  datastore: string,
  { signal, onStatus }: CloneOptions,
): Promise<DatastorePath> {
  const flag = flagOf(request.mark);
  const wanted = request.folder ?? folderName(request.name);
  for (let number = 0; number < MOST_NAMES; number++) {
    const folder = { datastore, path: number === 0 ? wanted : `${wanted}_${number}` };
    const path = toHostPath(folder);
    const names = await shell.list(path, signal);
    if (names === undefined) {
      await makeParents(shell, folder, signal);
      await shell.makeFolder(path, signal);
    } else if (names.includes(flag)) {
      await refuseIfAlive(host, shell, folder, flag, request.name, signal);
      onStatus(`removing what an interrupted run left in ${formatDatastorePath(folder)}`);
      await emptyFolder(shell, folder, new Set([flag]), signal);
    } else if (names.length > 0) {
      if (request.folder === undefined) continue;
      throw new HostError(
        `${host.name}: the folder ${formatDatastorePath(folder)} has files in it already, and they are left alone. ` +
          "Choose another `folder`, or leave it out.",
      );
    }
    const session = new TextEncoder().encode(await ownSession(host));
    const flagPath = toHostPath(inFolder(folder, flag));
    await shell.writeFile(flagPath, session, `${flagPath}-draft`, signal);
    return folder;
  }
  throw new HostError(`${host.name} has ${MOST_NAMES} folders named ${wanted} on ${datastore} already.`);
}

/**
 * Removes the files in a folder, disks by the tool for disks. A copy that a dead process has begun may still go on:
 * its file is locked until it ends.
 */
export async function emptyFolder(
  shell: EsxiShell,
  folder: DatastorePath,
  keep: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<void> {
  const at = (name: string) => toHostPath(inFolder(folder, name));
  const names = (await shell.list(toHostPath(folder), signal)) ?? [];
  for (const name of names.filter((each) => DESCRIPTOR.test(each) && !keep.has(each))) {
    await deleteDisk(shell, at(name), signal);
  }
  const left = (await shell.list(toHostPath(folder), signal)) ?? [];
  await shell.removeFiles(left.filter((name) => !keep.has(name)).map(at), signal);
}

/** Removes a disk with its extents, after whatever has it open has ended. */
async function deleteDisk(shell: EsxiShell, path: string, signal: AbortSignal): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await shell.deleteDisk(path, signal);
    } catch (error) {
      if (!(error instanceof VmkfstoolsError)) throw error;
      // Half a descriptor is no disk: its files go one by one.
      if (!error.inUse) return;
      if (tries === LOCK_TRIES) throw error;
      await setTimeout(LOCK_PAUSE_MS, undefined, { signal });
    }
  }
}

async function refuseIfAlive(
  host: EsxiHost,
  shell: EsxiShell,
  folder: DatastorePath,
  flag: string,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const written = await shell.readFile(toHostPath(inFolder(folder, flag)), signal);
  const session = Buffer.from(written ?? [])
    .toString("utf8")
    .trim();
  if (session === "" || session === (await ownSession(host))) return;
  for (let looks = 0; looks < 3; looks++) {
    const idle = await idleSeconds(host, session);
    if (idle === undefined || idle >= SIGN_OF_LIFE_SECONDS) return;
    await setTimeout((SIGN_OF_LIFE_SECONDS - idle) * 1000 + 500, undefined, { signal });
  }
  throw new HostError(
    `${host.name}: another run of Pulumi is creating "${name}" right now. Nothing was changed. Wait for it to end, ` +
      "then run `pulumi up` again.",
  );
}

async function makeParents(shell: EsxiShell, folder: DatastorePath, signal: AbortSignal): Promise<void> {
  const parent = folderOf(folder);
  if (parent.path === "" || (await shell.list(toHostPath(parent), signal)) !== undefined) return;
  await makeParents(shell, parent, signal);
  await shell.makeFolder(toHostPath(parent), signal);
}

/** The name as a folder: without what a path or another tool gives a meaning to. */
function folderName(name: string): string {
  const safe = name
    .replaceAll(/[\u0000-\u001f:*?"<>|/\\%]/g, "_")
    .replace(/^\.+/, "_")
    .trim();
  return safe === "" ? "vm" : safe;
}
