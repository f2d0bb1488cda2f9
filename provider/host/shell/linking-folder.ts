import { pauseFor } from "../../pause.ts";
import type { EsxiShell } from "../../ssh/commands/esxi-shell.ts";
import { VimCmdError } from "../../ssh/commands/vim-cmd-error.ts";
import { disksIn } from "../../vmx/devices.ts";
import type { CopyingRun } from "../clone/clone-files.ts";
import { linkingName } from "../clone/linking-name.ts";
import {
  type DatastorePath,
  formatDatastorePath,
  inFolder,
  toHostPath,
} from "../datastore/datastore-path.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { diskOf } from "../file-use/file-names.ts";
import { refuseWhileNeeded } from "../file-use/needed-files.ts";
import { othersEnded } from "../others-tasks.ts";
import { registeredFiles } from "./registered-files.ts";

const BUSY_TRIES = 20;
const BUSY_PAUSE_MS = 500;

const VMX = "linking.vmx";

/** The .vmx file of that machine. */
export const linkingVmx = (place: DatastorePath): DatastorePath => inFolder(place, VMX);

/**
 * The files that we write for the machine, and those that the host adds when it is registered and a snapshot is taken.
 */
const OF_MACHINE =
  /^linking(\.(vmx|vmx-draft|vmx~|vmxf|vmsd|nvram)|-Snapshot\d+\.vmsn|-aux\.xml)$|^vmware(-\d+)?\.log$/;

/** The content of such a folder. */
interface InLinking {
  /** Names of files that we, or the host for us, have made there. */
  readonly made: readonly string[];
  /** Names of files that somebody else has put there. */
  readonly others: readonly string[];
}

/** Options for removing such a folder. */
interface ClearingOptions {
  readonly signal: AbortSignal;
  readonly onWarning: (text: string) => void;
}

/**
 * Removes what an interrupted run has left of that folder and of the machine. The machine is only taken out of the
 * inventory, because deleting it would delete the source's disks too. {@link clearLinking} says what stays.
 * @throws HostError if another machine has a disk that was made there.
 */
export async function removeLinking(
  host: EsxiHost,
  shell: EsxiShell,
  folder: DatastorePath,
  mark: CopyingRun["mark"],
  options: ClearingOptions,
): Promise<void> {
  const { signal } = options;
  const place = inFolder(folder, linkingName(mark));
  if ((await shell.list(toHostPath(place), signal)) === undefined) return;
  // Tasks of a dead run may still go on.
  await othersEnded(host, /registerVM|createSnapshot/i, signal);
  for (const moid of await registeredAs(host, linkingVmx(place)))
    await unregisterSurely(host, shell, moid, signal);
  const { made } = await lookInside(shell, place, signal);
  const files = made.map((name) => formatDatastorePath(inFolder(place, name)));
  await refuseWhileNeeded(host, { files, doing: "remove what an interrupted run left in it" });
  await clearLinking(shell, place, options);
}

/**
 * Removes the files that were made in that folder, and the folder, once no machine of ours is in it. Files of somebody
 * else stay with the folder, and are reported.
 */
export async function clearLinking(
  shell: EsxiShell,
  place: DatastorePath,
  { signal, onWarning }: ClearingOptions,
): Promise<void> {
  const path = toHostPath(place);
  const at = (names: readonly string[]) => names.map((name) => `${path}/${name}`);
  const { made, others } = await lookInside(shell, place, signal);
  // The machine's file goes last, because it tells which disks are ours.
  await shell.removeFiles(at(made.filter((name) => name !== VMX)), signal);
  await shell.removeFiles(at(made.filter((name) => name === VMX)), signal);
  await shell.removeFolder(path, signal);
  if (others.length > 0)
    onWarning(
      `${shell.host}: the folder ${formatDatastorePath(place)}, which a linked clone needed for a moment, stays: somebody has put ` +
        `${others.join(", ")} into it. Move that elsewhere, then delete the folder.`,
    );
}

/** Whether that folder was not cleared: it has files of ours, or nothing at all. */
export async function isUncleared(
  shell: EsxiShell,
  place: DatastorePath,
  signal: AbortSignal,
): Promise<boolean> {
  const { made, others } = await lookInside(shell, place, signal);
  return made.length > 0 || others.length === 0;
}

/** The host names the new disk of a snapshot after the one below: `vm-000001.vmdk`. */
async function lookInside(shell: EsxiShell, place: DatastorePath, signal: AbortSignal): Promise<InLinking> {
  const names = (await shell.list(toHostPath(place), signal)) ?? [];
  const vmx = names.includes(VMX) ? await shell.readTwice(toHostPath(linkingVmx(place)), signal) : undefined;
  const stems = disksIn(vmx).map(({ fileName }) =>
    fileName.slice(fileName.lastIndexOf("/") + 1).replace(/(-\d{6})?\.vmdk$/, ""),
  );
  const isMade = (name: string) => {
    const [, stem] = /^(.*)-\d{6}\.vmdk$/.exec(diskOf(name)) ?? [];
    return stem === undefined ? OF_MACHINE.test(name) : stems.includes(stem);
  };
  return { made: names.filter(isMade), others: names.filter((name) => !isMade(name)) };
}

/** Takes a machine out of the inventory, after the tasks on it have ended, and checks that it is out. */
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

/** Ids of machines that are registered with that file, whether the host can read them or not. */
async function registeredAs(host: EsxiHost, vmx: DatastorePath): Promise<string[]> {
  const machines = await registeredFiles(host);
  const wanted = formatDatastorePath(vmx);
  return machines.flatMap(({ moid, vmxPath }) => (vmxPath === wanted ? [moid] : []));
}
