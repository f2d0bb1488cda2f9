import type { ManagedObjectReference } from "../../schema/index.ts";
import { deleteLooseDisks } from "./datastore-files.ts";
import { folderOf, parseDatastorePath } from "./datastore-path.ts";
import { chainOf, disksAmong } from "./disk-chain.ts";
import type { EsxiHost } from "./esxi-host.ts";
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
  if (vm.ownerMark?.copies) {
    const attached = new Set(disksAmong(vm.devices).flatMap(chainOf));
    const stems = [...attached].map((file) => file.replace(/\.vmdk$/, ""));
    const folder = folderOf(parseDatastorePath(vm.vmxPath));
    await deleteLooseDisks(host, folder, (file) => stems.some((stem) => file.startsWith(stem)), signal);
  }
  await destroyVm(host, vm, signal);
}
