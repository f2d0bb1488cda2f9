import { draftOf, type EsxiShell } from "../../../ssh/commands/esxi-shell.ts";
import { disksOf } from "../../../vmx/devices.ts";
import type { Vmx } from "../../../vmx/vmx.ts";
import {
  folderOf,
  formatDatastorePath,
  isInFolder,
  parseDatastorePath,
  toHostPath,
} from "../../datastore/datastore-path.ts";
import type { EsxiHost } from "../../esxi-host.ts";
import { rememberRemoved } from "../../file-use/from-files/unregistered.ts";
import { imagesOnDelete } from "../../file-use/images-on-delete.ts";
import { foldersElsewhere } from "../../file-use/own-elsewhere.ts";
import { lately, refuseToDelete } from "../../file-use/refuse-loss.ts";
import { DELETING_KEY } from "../../file-use/remove-foreign-disks.ts";
import { RECORD_KEY, recordedDisks, writtenRecord } from "../../file-use/vmx-record.ts";
import { untilStopped } from "../../grace.ts";
import { chainOf, disksAmong } from "../../vm/reading/disk-chain.ts";
import type { ObservedVm } from "../../vm/reading/observed-vm.ts";
import { disksOnDelete } from "../../vm/settings/disk-labels.ts";
import type { DestroyOptions } from "../../vm/vm-operations.ts";
import { removeKeys } from "../../vm/vmx/device-keys.ts";
import { flagBeside } from "../into-pool.ts";
import { removeMade } from "../ssh-folder.ts";
import { untilFree, whenFree } from "../ssh-when-free.ts";
import { deleteIfThere, editVmx } from "./reconfigure-vmx.ts";

/**
 * Removes a machine and its own disks. First all disks are removed from the .vmx file, so that the host cannot follow
 * them to files of other machines. Then the disks are deleted. The machine itself is deleted last, so that the next run
 * finds it if this one is killed.
 */
export async function destroyBySsh(
  host: EsxiHost,
  shell: EsxiShell,
  seen: ObservedVm,
  signal: AbortSignal,
  { seenAt, onWarning }: DestroyOptions = {},
): Promise<void> {
  // Not every host counts it as a change when the file was read again. So an earlier read may lack a disk.
  const vm = (await host.vms.byReference(seen.ref)) ?? seen;
  await untilStopped(refuseToDelete(host, vm, lately(seenAt)), signal);
  const folder = folderOf(parseDatastorePath(vm.vmxPath));
  const { going, staying } = await imagesOnDelete(host, vm, signal);
  const before = recordedDisks(vm);
  const files = [...new Set([...before, ...ownDisks(vm)])];
  const detach = (vmx: Vmx) => {
    const disks = disksOf(vmx);
    for (const { device } of disks) removeKeys(vmx, device);
    if (disks.length > 0) vmx.set(DELETING_KEY, "TRUE");
    if (files.length > 0) vmx.set(RECORD_KEY, writtenRecord(files));
  };
  try {
    await editVmx(host, shell, vm, detach, signal);
  } catch (error) {
    // A run that was stopped may have begun to delete it.
    await untilFree(host, vm, signal);
    if (await host.vms.byReference(vm.ref)) throw error;
    return removeHome(shell, vm, signal);
  }
  for (const file of files) await deleteIfThere(shell, file, signal);
  // Once the machine is gone, nothing tells any more which folders were made for its disks.
  for (const each of foldersElsewhere(files, vm.vmxPath)) await shell.removeFolder(toHostPath(each), signal);
  const mark = vm.ownerMark;
  const there = mark?.flag === undefined ? [] : ((await shell.list(toHostPath(folder), signal)) ?? []);
  if (mark?.flag !== undefined && there.includes(mark.flag)) {
    // Such a machine was never finished: disks were copied and not attached. While it exists, it says whose they are.
    const machine = there.filter((name) => !name.endsWith(".vmdk") && name !== mark.flag);
    await removeMade(shell, folder, mark, signal, new Set(machine));
  }
  // The host leaves files that it has not made itself. While the machine exists, it says whose they are.
  const images = going.map((file) => toHostPath(parseDatastorePath(file)));
  await shell.removeFiles([...images, ...leftBeside(vm)], signal);
  await whenFree(host, vm, () => shell.destroy(vm.moid, signal), signal);
  rememberRemoved(host, vm.vmxPath);
  for (const text of staying) onWarning?.(text);
  host.vms.forget();
  await removeHome(shell, vm, signal);
}

/** Removes the folder of a machine that has gone, if nothing of anybody is in it. */
async function removeHome(shell: EsxiShell, vm: ObservedVm, signal: AbortSignal): Promise<void> {
  const folder = folderOf(parseDatastorePath(vm.vmxPath));
  if (folder.path === "" || (await shell.removeFolder(toHostPath(folder), signal))) return;
  await shell.removeFiles(leftBeside(vm), signal);
  await shell.removeFolder(toHostPath(folder), signal);
}

/** Files that an interrupted change of a machine may have left beside its .vmx file. */
function leftBeside({ vmxPath }: ObservedVm): string[] {
  const vmx = parseDatastorePath(vmxPath);
  const path = toHostPath(vmx);
  return [toHostPath(flagBeside(vmx)), draftOf(path), draftOf(path.replace(/\.vmx$/, ".vmsd"))];
}

/** Disks in the machine's own folder, and disks elsewhere that were made for it. */
function ownDisks(vm: ObservedVm): string[] {
  const folder = folderOf(parseDatastorePath(vm.vmxPath));
  const { staying, going } = disksOnDelete(vm);
  return disksAmong(vm.devices)
    .filter((disk) => !staying.includes(disk))
    .flatMap((disk) =>
      chainOf(disk).filter((file) => going.includes(disk) || isInFolder(parseDatastorePath(file), folder)),
    )
    .map((file) => formatDatastorePath(parseDatastorePath(file)));
}
