import { pauseFor } from "../../pause.ts";
import type { EsxiShell } from "../../ssh/commands/esxi-shell.ts";
import { VimCmdError } from "../../ssh/commands/vim-cmd-error.ts";
import { retrieveAll } from "../../vim/reads/property-collector.ts";
import { type CopyingRun, tokenOf } from "../clone/clone-files.ts";
import {
  type DatastorePath,
  formatDatastorePath,
  inFolder,
  toHostPath,
} from "../datastore/datastore-path.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { othersEnded } from "../others-tasks.ts";

const BUSY_TRIES = 20;
const BUSY_PAUSE_MS = 500;

/**
 * Name of the folder, in that of a linked clone which is being made, where a machine stands for a moment whose disks are
 * the source's own: the host makes the first children of them there.
 */
export const linkingName = (mark: CopyingRun["mark"]): string => `${LINKING}${tokenOf(mark)}`;

const LINKING = "pulumi-linking-";

/** Whether a file lies in such a folder. */
export const isLinking = (path: string): boolean => path.includes(`/${LINKING}`);

/** The machine's file in it. */
export const linkingVmx = (place: DatastorePath): DatastorePath => inFolder(place, "linking.vmx");

/**
 * Removes what an interrupted run has left of that folder and of the machine, which is only taken out of the inventory: its deletion would take
 * the source's disks along.
 */
export async function removeLinking(
  host: EsxiHost,
  shell: EsxiShell,
  folder: DatastorePath,
  mark: CopyingRun["mark"],
  signal: AbortSignal,
): Promise<void> {
  const place = inFolder(folder, linkingName(mark));
  const path = toHostPath(place);
  if ((await shell.list(path, signal)) === undefined) return;
  // What a dead run has asked for goes on.
  await othersEnded(host, /registerVM|createSnapshot/i, signal);
  for (const moid of await registeredAs(host, linkingVmx(place), signal))
    await unregisterSurely(host, shell, moid, signal);
  await clearLinking(shell, place, signal);
}

/** Removes that folder when no machine is in it any more. */
export async function clearLinking(
  shell: EsxiShell,
  place: DatastorePath,
  signal: AbortSignal,
): Promise<void> {
  const path = toHostPath(place);
  const names = (await shell.list(path, signal)) ?? [];
  const files = names.map((name) => `${path}/${name}`);
  await shell.removeFiles(files, signal);
  await shell.removeFolder(path, signal);
}

/** Takes a machine out of the inventory, after what is at work on it, and looks whether it is out. */
export async function unregisterSurely(
  host: EsxiHost,
  shell: EsxiShell,
  moid: string,
  signal: AbortSignal,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    const failed = await shell.unregister(moid, signal).then(
      () => undefined,
      (error: unknown) => error,
    );
    host.vms.forget();
    const ref = { type: "VirtualMachine", value: moid };
    if (!(await host.vms.these([ref])).has(moid)) return;
    const isWorthIt = failed === undefined || failed instanceof VimCmdError;
    if (!isWorthIt || tries === BUSY_TRIES)
      throw failed ?? new Error(`${host.name} still has the machine ${moid} that was unregistered.`);
    await pauseFor(BUSY_PAUSE_MS, signal);
  }
}

/** Ids of machines that are registered by that file, whether the host can read them or not. */
async function registeredAs(host: EsxiHost, vmx: DatastorePath, signal: AbortSignal): Promise<string[]> {
  const path = "summary.config.vmPathName";
  const vms = await retrieveAll(host.client, "VirtualMachine", [path]);
  signal.throwIfAborted();
  const wanted = formatDatastorePath(vmx);
  return vms.flatMap(({ ref, properties }) => (properties[path] === wanted ? [ref.value] : []));
}
