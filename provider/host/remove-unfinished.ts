import type { ManagedObjectReference } from "../../schema/index.ts";
import { deleteFile, deleteLooseDisks } from "./datastore-files.ts";
import { filesIn } from "./datastore-listing.ts";
import { folderOf, formatDatastorePath, inFolder, parseDatastorePath } from "./datastore-path.ts";
import { chainOf, disksAmong } from "./disk-chain.ts";
import type { EsxiHost } from "./esxi-host.ts";
import type { ObservedVm } from "./observed-vm.ts";
import { destroyVm } from "./vm-operations.ts";

/**
 * Removes a machine that was never finished, with the disks that were copied into its folder but not attached yet.
 * The disks go first: as long as they are there, the machine says whose they are.
 */
export async function removeUnfinished(
  host: EsxiHost,
  ref: ManagedObjectReference,
  signal: AbortSignal,
): Promise<void> {
  const vm = await host.vms.byReference(ref);
  if (vm === undefined) return;
  const { flag } = vm.ownerMark ?? {};
  if (vm.ownerMark?.copies) {
    const attached = new Set(disksAmong(vm.devices).flatMap(chainOf));
    const stems = [...attached].map((file) => file.replace(/\.vmdk$/, ""));
    const folder = folderOf(parseDatastorePath(vm.vmxPath));
    await deleteLooseDisks(host, folder, (file) => stems.some((stem) => file.startsWith(stem)), signal);
  }
  if (flag !== undefined) {
    const file = inFolder(folderOf(parseDatastorePath(vm.vmxPath)), flag);
    await deleteFile(host, formatDatastorePath(file), signal);
  }
  await destroyVm(host, vm, signal);
}

/** True if the machine's mark says that it is being made, and what the mark refers to is still there. */
export async function isUnfinished(host: EsxiHost, vm: ObservedVm, signal: AbortSignal): Promise<boolean> {
  const mark = vm.ownerMark;
  if (mark?.phase !== "creating") return false;
  if (mark.flag === undefined) return true;
  const folder = folderOf(parseDatastorePath(vm.vmxPath));
  return (await filesIn(host, folder, mark.flag, signal)).length > 0;
}
