import type { OptionValue } from "../../../schema/index.ts";
import { create } from "../../vim/codec/objects.ts";
import { draftIndex } from "../clone/clone-files.ts";
import { deleteDisk, deleteFile } from "../datastore/datastore-files.ts";
import { listFolder } from "../datastore/datastore-listing.ts";
import { folderOf, formatDatastorePath, inFolder, parseDatastorePath } from "../datastore/datastore-path.ts";
import { nameOf } from "../datastore/place-claim.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { diskOf } from "../file-use/file-names.ts";
import { refuseWhileNeeded } from "../file-use/needed-files.ts";
import { endRemoval, removeEmptyFolder } from "../file-use/remove-folder.ts";
import { HostError } from "../host-error.ts";
import { othersEnded } from "../others-tasks.ts";
import { MOVE_KEY, type MoveMark } from "../vm/reading/move-mark.ts";
import type { ObservedVm } from "../vm/reading/observed-vm.ts";
import { reconfigureVm } from "../vm/vm-operations.ts";
import { draftsOf } from "./copy-machine.ts";

/** Tasks of a killed run may go on, and so may tasks whose answers were lost. */
const TASKS_OF_A_MOVE = /(copy|move)VirtualDisk|copyFile|copyDatastoreFile|registerVm|reconfigure/i;

/** Waits for all tasks of a move for which this process does not wait itself. */
export const untilMoveRests = (host: EsxiHost, signal: AbortSignal): Promise<boolean> =>
  othersEnded(host, TASKS_OF_A_MOVE, signal);

/** The machine of that identity with its .vmx file at that path. */
export async function machineAt(
  host: EsxiHost,
  { instanceUuid }: Pick<ObservedVm, "instanceUuid">,
  vmxPath: string,
): Promise<ObservedVm | undefined> {
  const entries = (await host.vms.entries()).filter(
    (entry) => !entry.instanceUuid || entry.instanceUuid.toLowerCase() === instanceUuid.toLowerCase(),
  );
  const vms = await Promise.all(entries.map(({ ref }) => host.vms.byReference(ref)));
  return vms.find((vm) => vm?.vmxPath === vmxPath);
}

/**
 * Takes an unfinished move back. The files at the new place are deleted, and the machine is at its old place, powered
 * off.
 * @throws HostError if somebody has started the machine at the new place meanwhile, or needs its files.
 */
export async function takeMoveBack(
  host: EsxiHost,
  vm: ObservedVm,
  mark: MoveMark,
  signal: AbortSignal,
): Promise<void> {
  await untilMoveRests(host, signal);
  const arrived = await machineAt(host, vm, mark.to);
  if (arrived !== undefined) await unregister(host, arrived, signal);
  await removeCopies(host, vm, mark, signal);
  await reconfigureVm(host, vm, () => ({ extraConfig: withoutMark(mark) }), signal);
}

/** The settings that remove the mark of a move. */
function withoutMark({ keepsUuid }: MoveMark): OptionValue[] {
  const keys = [MOVE_KEY, ...(keepsUuid ? ["uuid.action"] : [])];
  return keys.map((key) => create("OptionValue", { key, value: "" }));
}

/** Takes a machine out of the host's inventory. Its files stay. */
async function unregister(host: EsxiHost, vm: ObservedVm, signal: AbortSignal): Promise<void> {
  if (vm.powerState !== "poweredOff") {
    throw new HostError(
      `${host.name}: a move of "${vm.name}" was interrupted, and somebody has started the copy at ${vm.vmxPath} since. ` +
        "Power off the one that is not to stay, and remove it from the inventory in the host's client; then run " +
        "`pulumi up` again.",
    );
  }
  await host.client.call(vm.ref, "UnregisterVM", {}, { signal });
  host.vms.forget();
}

/** Deletes the files that the move has made, one by one, and the folder if nothing else is in it. */
async function removeCopies(
  host: EsxiHost,
  vm: ObservedVm,
  mark: MoveMark,
  signal: AbortSignal,
): Promise<void> {
  const folder = folderOf(parseDatastorePath(mark.to));
  const inside = await listFolder(host, folder, signal);
  // A run may have begun to remove it.
  if (inside === undefined) return endRemoval(host, folder, signal);
  // A folder without the flag belongs to somebody else. A run that was killed before it wrote the flag leaves it empty.
  if (inside.length > 0 && !inside.some(({ name }) => name === mark.flag)) return;
  const home = (await listFolder(host, folderOf(parseDatastorePath(mark.from)), signal)) ?? [];
  const isCopy = (name: string) =>
    home.some((entry) => !entry.isFolder && entry.name === name) ||
    name === nameOf(parseDatastorePath(mark.to)) ||
    draftIndex(name, { mark: draftsOf(mark), count: 0 }) !== undefined;
  const files = inside
    .filter(({ name, isFolder }) => !isFolder && isCopy(name))
    .map(({ name }) => formatDatastorePath(inFolder(folder, name)));
  await refuseWhileNeeded(host, { files, owner: vm, doing: "remove what an interrupted move left" });
  // The host deletes the extents of a disk with it.
  for (const file of files.filter((each) => each.endsWith(".vmdk") && diskOf(each) === each)) {
    await deleteDisk(host, file, signal);
  }
  const left = (await listFolder(host, folder, signal)) ?? [];
  for (const { name } of left.filter((entry) => !entry.isFolder && isCopy(entry.name))) {
    await deleteFile(host, formatDatastorePath(inFolder(folder, name)), signal);
  }
  await deleteFile(host, formatDatastorePath(inFolder(folder, mark.flag)), signal);
  if (((await listFolder(host, folder, signal)) ?? []).length === 0) {
    await removeEmptyFolder(host, folder, signal);
  }
}
