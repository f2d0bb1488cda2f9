import type { ManagedObjectReference, VirtualMachineConfigSpec } from "../../../schema/index.ts";
import { isSameObject } from "../../vim/codec/objects.ts";
import { goneObject, isFault } from "../../vim/faults.ts";
import { deleteFile } from "../datastore/datastore-files.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { rememberRemoved } from "../file-use/from-files/unregistered.ts";
import { imagesOnDelete } from "../file-use/images-on-delete.ts";
import { foldersElsewhere } from "../file-use/own-elsewhere.ts";
import { lately, refuseToDelete } from "../file-use/refuse-loss.ts";
import { removeIfEmpty } from "../file-use/remove-folder.ts";
import { removeForeignDisks } from "../file-use/remove-foreign-disks.ts";
import { untilStopped } from "../grace.ts";
import { HostError } from "../host-error.ts";
import { chainOf, disksAmong } from "./reading/disk-chain.ts";
import type { ObservedVm } from "./reading/observed-vm.ts";
import { encodeVmName } from "./reading/vm-name.ts";
import { reconfigureAsItIs } from "./reconfigure-as-it-is.ts";
import { disksOnDelete } from "./settings/disk-labels.ts";

/**
 * Changes the configuration of a VM by a specification that is made for its present state. Settings that the
 * specification leaves out stay. A newer version of the virtual hardware needs a call of its own, which comes first,
 * because the other settings may need that version.
 */
export async function reconfigureVm(
  host: EsxiHost,
  vm: ObservedVm,
  specOf: (now: ObservedVm) => VirtualMachineConfigSpec,
  signal: AbortSignal,
): Promise<void> {
  const { version, ...rest } = specOf(vm);
  if (version !== undefined) {
    await host.task(() => host.client.call(vm.ref, "UpgradeVM_Task", { version }), { signal });
  }
  if (Object.values(rest).every((part) => part === undefined)) return;
  await reconfigureAsItIs(
    host,
    vm,
    (now) => {
      const { version: _, ...others } = specOf(now);
      return others;
    },
    signal,
  );
  const destroyed = (rest.deviceChange ?? []).filter(({ fileOperation }) => fileOperation === "destroy");
  const files = disksAmong(destroyed.map(({ device }) => device)).flatMap(chainOf);
  for (const folder of foldersElsewhere(files, vm.vmxPath)) await removeIfEmpty(host, folder, signal);
}

/** Changes the name that people see. The folder and the files keep theirs. */
export async function renameVm(
  host: EsxiHost,
  vm: ManagedObjectReference,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const newName = encodeVmName(name);
  await host.task(() => host.client.call(vm, "Rename_Task", { newName }), { signal });
}

export interface DestroyOptions {
  /** When the caller began to look at all machines. Default: this looks at them itself. */
  readonly seenAt?: number | undefined;
  /** Told of images in the machine's folder that stay. */
  readonly onWarning?: ((text: string) => void) | undefined;
}

/**
 * Removes the VM and the files that it owns. Disks outside its own folder are detached first, and stay. If a disk
 * builds on a disk elsewhere, only the VM's own part is deleted, file by file.
 *
 * @throws HostError if another machine needs a file that would be deleted.
 */
export async function destroyVm(
  host: EsxiHost,
  vm: ObservedVm,
  signal: AbortSignal,
  { seenAt, onWarning }: DestroyOptions = {},
): Promise<void> {
  const folders = foldersElsewhere(disksOnDelete(vm).going.flatMap(chainOf), vm.vmxPath);
  try {
    await untilStopped(refuseToDelete(host, vm, lately(seenAt)), signal);
    const images = await imagesOnDelete(host, vm, signal);
    await removeForeignDisks(host, vm, signal);
    // The host leaves files that it has not made itself.
    for (const file of images.going) await deleteFile(host, file, signal);
    await host.task(() => host.client.call(vm.ref, "Destroy_Task", {}), { signal });
    rememberRemoved(host, vm.vmxPath);
    for (const text of images.staying) onWarning?.(text);
  } catch (error) {
    if (!isGone(error, vm)) throw whyNotDestroyed(host, vm, error);
  }
  // Those of disks with snapshots, which only the host can delete.
  for (const folder of folders) await removeIfEmpty(host, folder, signal);
}

/** Whether somebody else has deleted the machine, or an earlier run. Another object that is gone was only read. */
function isGone(error: unknown, { ref }: ObservedVm): boolean {
  const gone = goneObject(error);
  return gone !== undefined && isSameObject(gone, ref);
}

function whyNotDestroyed(host: EsxiHost, { name }: ObservedVm, error: unknown): unknown {
  if (!isFault(error, "InvalidPowerState")) return error;
  return new HostError(
    `${host.name}: "${name}" was powered on again while it was being deleted. Run \`pulumi up\` or destroy again.`,
    { cause: error },
  );
}
