import type { ManagedObjectReference } from "../../../../schema/index.ts";
import { isFault } from "../../../vim/faults.ts";
import { copiesAmong, draftIndex } from "../../clone/clone-files.ts";
import { homeOf } from "../../clone/clone-source.ts";
import { deleteDisk, deleteFile } from "../../datastore/datastore-files.ts";
import { filesIn } from "../../datastore/datastore-listing.ts";
import {
  folderOf,
  formatDatastorePath,
  inFolder,
  parseDatastorePath,
} from "../../datastore/datastore-path.ts";
import type { EsxiHost } from "../../esxi-host.ts";
import { diskOf, spelled } from "../../file-use/file-names.ts";
import { refuseWhileNeeded } from "../../file-use/needed-files.ts";
import { othersEnded } from "../../others-tasks.ts";
import { chainOf, disksAmong } from "../reading/disk-chain.ts";
import type { ObservedVm } from "../reading/observed-vm.ts";
import type { OwnerMark } from "../reading/owner-mark.ts";
import { destroyVm } from "../vm-operations.ts";

/** The most looks into a folder to which something writes meanwhile. */
const MOST_TRIES = 6;

/**
 * Removes a machine that was never finished, with the disks in its folder that were copied and not attached yet. The
 * disks go first: while they are there, the machine says whose they are.
 */
export async function removeUnfinished(
  host: EsxiHost,
  ref: ManagedObjectReference,
  signal: AbortSignal,
): Promise<void> {
  const vm = await host.vms.byReference(ref);
  if (vm === undefined) return;
  const mark = vm.ownerMark;
  const flag = mark?.flag;
  if (mark?.copies !== undefined) await deleteCopies(host, vm, mark, signal);
  if (flag !== undefined) {
    const file = inFolder(folderOf(parseDatastorePath(vm.vmxPath)), flag);
    await deleteFile(host, formatDatastorePath(file), signal);
  }
  await destroyVm(host, vm, signal);
}

/**
 * Deletes what was copied and not attached. It first waits until the host has ended its work for a dead process,
 * or for a call whose answer was lost.
 */
async function deleteCopies(
  host: EsxiHost,
  vm: ObservedVm,
  mark: OwnerMark,
  signal: AbortSignal,
): Promise<void> {
  const { folder, base } = homeOf(parseDatastorePath(vm.vmxPath));
  const attached = new Set(disksAmong(vm.devices).flatMap(chainOf).map(spelled));
  const count = typeof mark.copies === "number" ? mark.copies : undefined;
  const run = { mark, base, count };
  const isDraft = (name: string) => draftIndex(name, run) !== undefined;
  let copies: readonly string[] | undefined;
  for (let tries = 1; ; tries++) {
    await othersEnded(host, /(copy|move)VirtualDisk/i, signal);
    const names = await filesIn(host, folder, "*.vmdk", signal);
    // An earlier release may have made the machine in a folder that had files in it. Only a draft proves that it copied.
    const isProven = count !== undefined || names.some(isDraft);
    // The first look decides. Later the drafts may be gone, and nothing else tells whose the copies are.
    copies ??= copiesAmong(names, run).filter(() => isProven);
    const made = new Set(copies);
    const files = names
      .filter((name) => made.has(name) || isDraft(name))
      .map((name) => formatDatastorePath(inFolder(folder, name)))
      .filter((file) => !attached.has(diskOf(file)));
    if (files.length === 0) return;
    await refuseWhileNeeded(host, { files, owner: vm, doing: "remove what an interrupted run left" });
    try {
      for (const file of files) await deleteDisk(host, file, signal);
    } catch (error) {
      if (tries === MOST_TRIES || !(isFault(error, "FileFault") || isFault(error, "ResourceInUse")))
        throw error;
    }
  }
}

/** True if the machine's mark says that it is being made, and the flag that the mark names is still there. */
export async function isUnfinished(host: EsxiHost, vm: ObservedVm, signal: AbortSignal): Promise<boolean> {
  const mark = vm.ownerMark;
  if (mark?.phase !== "creating") return false;
  if (mark.flag === undefined) return true;
  const folder = folderOf(parseDatastorePath(vm.vmxPath));
  return (await filesIn(host, folder, mark.flag, signal)).length > 0;
}
