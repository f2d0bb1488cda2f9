import { pauseFor } from "../../pause.ts";
import { CommandError } from "../../ssh/commands/command-error.ts";
import { draftOf, type EsxiShell } from "../../ssh/commands/esxi-shell.ts";
import { VmkfstoolsError } from "../../ssh/commands/vmkfstools-error.ts";
import { type CopyingRun, copiesAmong, draftIndex, fullFolder, tokenOf } from "../clone/clone-files.ts";
import { linkingName } from "../clone/linking-name.ts";
import {
  type DatastorePath,
  folderOf,
  formatDatastorePath,
  inFolder,
  toHostPath,
} from "../datastore/datastore-path.ts";
import { nameOf } from "../datastore/place-claim.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { diskOf } from "../file-use/file-names.ts";
import { refuseWhileNeeded } from "../file-use/needed-files.ts";
import { aMomentAfter, clearAway } from "../grace.ts";
import { HostError } from "../host-error.ts";
import { ownSession, untilNotAtWork } from "../vm/unfinished/session-owner.ts";
import { isUncleared, removeLinking } from "./linking-folder.ts";

/** A machine that is made in its own folder. */
export interface NewMachine {
  readonly name: string;
  /** Its datastore's name. */
  readonly datastore: string;
  /** Path of the folder on the datastore. Default: the name, with a number if others have such a folder. */
  readonly folder: string | undefined;
  /** Name or path of its resource pool. Default: the host's root pool. */
  readonly resourcePool?: string | undefined;
  readonly mark: CopyingRun["mark"];
  /** How many disks it gets. Each has its draft's name until it is whole. */
  readonly disks: number;
}

export interface MakingOptions {
  readonly signal: AbortSignal;
  readonly onStatus: (text: string) => void;
  readonly onWarning: (text: string) => void;
}

const MOST_NAMES = 100;
const LOCK_TRIES = 20;
const LOCK_PAUSE_MS = 3000;

/**
 * Name of the file that is in a folder while the work in it is not finished. It tells the next run of the resource
 * whose the folder is. Its content is the session that is at work.
 */
export const flagOf = (mark: CopyingRun["mark"]): string => `pulumi-creating-${tokenOf(mark)}`;

/** The folder of a new machine, with the flag in it. */
export interface ClaimedFolder extends DatastorePath {
  /** True if it was there before, and empty. Then it stays if the machine is not made. */
  readonly wasThere: boolean;
}

/** The text in the flag of a folder that was there before. */
const WAS_THERE = "was there";

/** The files that a run makes in the folder of a new machine. */
function madeAmong(names: readonly string[], run: CopyingRun): string[] {
  const flag = flagOf(run.mark);
  const vmx = `${run.base}.vmx`;
  const others = [`${run.base}.nvram`, vmx, draftOf(vmx)];
  const copies = copiesAmong(names, run);
  return names.filter(
    (name) => [...others, flag, draftOf(flag)].includes(name) || copies.includes(name) || isOfPackage(name),
  );
}

/** Files of an OVA: disks that are being sent, and images for drives. Only the folder of its own machine has them. */
export const uploadName = (index: number): string => `pulumi-uploading-${index}.vmdk`;
export const imageName = (index: number): string => `_deviceImage${index}.iso`;
const isOfPackage = (name: string): boolean =>
  /^pulumi-uploading-\d{1,3}\.vmdk$|^_deviceImage\d{1,3}\.iso$/.test(name);

/**
 * Makes the folder for a new machine, with the flag in it. What an interrupted run of the same resource has left in
 * such a folder is removed. A folder with anything else in it is left alone.
 *
 * @throws HostError if the folder in the program is not empty, or another run is working in it.
 */
export async function claimFolder(
  host: EsxiHost,
  shell: EsxiShell,
  machine: NewMachine,
  options: MakingOptions,
): Promise<ClaimedFolder> {
  const { signal, onStatus } = options;
  const { name, datastore, mark, disks } = machine;
  const flag = flagOf(mark);
  const wanted = machine.folder ?? folderName(name);
  for (let number = 0; number < MOST_NAMES; number++) {
    const place = { datastore, path: number === 0 ? wanted : `${wanted}_${number}` };
    const path = toHostPath(place);
    let names = await shell.list(path, signal);
    let wasThere = names !== undefined;
    if (names?.some((file) => file === flag || file === draftOf(flag))) {
      const left = await readFlag(shell, place, flag, signal);
      wasThere = left.wasThere;
      await untilNotAtWork(host, left.session, `"${name}"`, options);
      onStatus(`removing what an interrupted run left in ${formatDatastorePath(place)}`);
      if (names.includes(linkingName(mark))) await removeLinking(host, shell, place, mark, options);
      await refuseWhileNeeded(host, { place, doing: "remove what an interrupted run left in it" });
      await removeMade(shell, place, mark, signal);
      names = await shell.list(path, signal);
    }
    if (names === undefined) {
      wasThere = false;
      await makeParents(shell, place, signal);
      await makeNew(shell, path, options);
    } else if (names.length > 0) {
      if (machine.folder === undefined) continue;
      throw fullFolder(host.name, place);
    }
    const folder = { ...place, wasThere };
    try {
      const lines = [await ownSession(host), disks, ...(wasThere ? [WAS_THERE] : [])];
      const session = new TextEncoder().encode(lines.join("\n"));
      const flagPath = toHostPath(inFolder(folder, flag));
      signal.throwIfAborted();
      await shell.writeFile(flagPath, session, aMomentAfter(signal));
      return folder;
    } catch (error) {
      await clearFolderAway(shell, folder, mark, options);
      throw error;
    }
  }
  throw new HostError(
    `${host.name} has ${MOST_NAMES} folders named ${wanted} on ${datastore} already. Nothing was created. Remove those that ` +
      "nobody needs, or name a `folder`.",
  );
}

/** Makes a folder. If the answer is lost, the folder may be there. It is then removed again if it is empty. */
async function makeNew(shell: EsxiShell, path: string, { signal }: MakingOptions): Promise<void> {
  signal.throwIfAborted();
  try {
    await shell.makeFolder(path, aMomentAfter(signal));
  } catch (error) {
    if (!(error instanceof CommandError))
      await clearAway(signal, (limit) => shell.removeFolder(path, limit)).catch(() => {});
    throw error;
  }
}

/**
 * Removes a folder that was claimed, unless it was there before. The flag goes last: it says whose the folder is while
 * anything is left in it.
 */
export async function clearFolderAway(
  shell: EsxiShell,
  folder: ClaimedFolder,
  mark: CopyingRun["mark"],
  { signal, onWarning }: MakingOptions,
): Promise<void> {
  try {
    await clearAway(signal, async (limit) => {
      await removeMade(shell, folder, mark, limit);
      if (!folder.wasThere) await shell.removeFolder(toHostPath(folder), limit);
    });
  } catch (failure) {
    const why = failure instanceof Error ? failure.message : String(failure);
    onWarning(`What was begun could not be removed, and the next run will do it: ${why}`);
  }
}

/**
 * Removes the files that a run has made in the folder of an unfinished machine, and nothing else: disks by the tool for
 * disks, and the flag last. A copy that a dead process has begun may still go on. Its file is locked until it ends.
 *
 * @param keep Names of files that stay.
 */
export async function removeMade(
  shell: EsxiShell,
  folder: DatastorePath,
  mark: CopyingRun["mark"],
  signal: AbortSignal,
  keep: ReadonlySet<string> = new Set(),
): Promise<void> {
  const at = (name: string) => toHostPath(inFolder(folder, name));
  const flag = flagOf(mark);
  const { count } = await readFlag(shell, folder, flag, signal);
  const run = { mark, base: nameOf(folder), count };
  const list = async () => (await shell.list(toHostPath(folder), signal)) ?? [];
  const made = madeAmong(await list(), run).filter((name) => !keep.has(name));
  for (const name of made) {
    if (name.endsWith(".vmdk") && diskOf(name) === name && !isOfPackage(name))
      await deleteDisk(shell, at(name), signal);
  }
  // Once the drafts are gone, nothing tells any more whose the other files are.
  const isMade = (name: string) => made.includes(name) || draftIndex(name, run) !== undefined;
  const there = await list();
  const left = there.filter(isMade);
  await shell.removeFiles(left.filter((name) => name !== flag).map(at), signal);
  const linking = inFolder(folder, linkingName(mark));
  if (there.includes(linkingName(mark)) && (await isUncleared(shell, linking, signal)))
    throw new HostError(
      `${shell.host}: ${formatDatastorePath(linking)} could not be removed, which an interrupted run has left. See in the ` +
        "host's client who uses it, then run `pulumi up` again.",
    );
  await shell.removeFiles(left.filter((name) => name === flag).map(at), signal);
}

/**
 * The session that is at work (empty if unknown), how many disks it copies (earlier releases did not say it), and
 * whether the folder was there before. Without a flag nothing is copied yet, or not any more.
 */
async function readFlag(
  shell: EsxiShell,
  folder: DatastorePath,
  flag: string,
  signal: AbortSignal,
): Promise<{ readonly session: string; readonly count: number | undefined; readonly wasThere: boolean }> {
  const written = await shell.readFile(toHostPath(inFolder(folder, flag)), signal);
  if (written === undefined) return { session: "", count: 0, wasThere: false };
  const [session = "", disks = "", before] = Buffer.from(written).toString("utf8").split("\n");
  const count = Number.parseInt(disks, 10);
  return { session, count: Number.isNaN(count) ? undefined : count, wasThere: before === WAS_THERE };
}

/** Removes a disk with its extents, after nobody has it open any more. */
async function deleteDisk(shell: EsxiShell, path: string, signal: AbortSignal): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await shell.deleteDisk(path, signal);
    } catch (error) {
      if (!(error instanceof VmkfstoolsError)) throw error;
      // An incomplete descriptor is no disk, so its files are deleted one by one.
      if (!error.inUse) return;
      if (tries === LOCK_TRIES) throw error;
      await pauseFor(LOCK_PAUSE_MS, signal);
    }
  }
}

/** Makes the folder of this path, and the folders above it. */
export async function makeParents(
  shell: EsxiShell,
  place: DatastorePath,
  signal: AbortSignal,
): Promise<void> {
  const parent = folderOf(place);
  if (parent.path === "" || (await shell.list(toHostPath(parent), signal)) !== undefined) return;
  await makeParents(shell, parent, signal);
  await shell.makeFolder(toHostPath(parent), signal);
}

/** The name in a form for folders, without characters that have a meaning in paths or for other tools. */
function folderName(name: string): string {
  const safe = name
    .replaceAll(/[\u0000-\u001f:*?"<>|/\\%]/g, "_")
    .replace(/^\.+/, "_")
    .trim();
  return safe === "" ? "vm" : safe;
}
