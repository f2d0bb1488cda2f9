import type { ManagedObjectReference, VirtualMachineConfigSpec } from "../../schema/index.ts";
import { isFault } from "../vim/faults.ts";
import type { EsxiHost } from "./esxi-host.ts";
import { rememberGiven } from "./file-use/given-files.ts";
import { refuseToDelete } from "./file-use/refuse-loss.ts";
import { removeForeignDisks } from "./file-use/remove-foreign-disks.ts";
import { HostError } from "./host-error.ts";
import type { ObservedVm } from "./observed-vm.ts";
import { encodeVmName } from "./vm-name.ts";

/**
 * Changes a VM's configuration; what the specification leaves out stays as it is. A newer version of the virtual
 * hardware is brought by a call of its own, before all else, because the rest may need it.
 */
export async function reconfigureVm(
  host: EsxiHost,
  vm: ManagedObjectReference,
  spec: VirtualMachineConfigSpec,
  signal: AbortSignal,
): Promise<void> {
  const { version, ...rest } = spec;
  if (version !== undefined) {
    await host.task(() => host.client.call(vm, "UpgradeVM_Task", { version }), { signal });
  }
  if (Object.values(rest).every((part) => part === undefined)) return;
  rememberGiven(host, rest.deviceChange);
  await host.task(() => host.client.call(vm, "ReconfigVM_Task", { spec: rest }), { signal });
  rememberGiven(host, rest.deviceChange);
}

/** Changes the name that people see; the folder and the files keep theirs. */
export async function renameVm(
  host: EsxiHost,
  vm: ManagedObjectReference,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const newName = encodeVmName(name);
  await host.task(() => host.client.call(vm, "Rename_Task", { newName }), { signal });
}

/**
 * Removes the VM and the files that it owns. Disks outside its own folder are detached first and stay; of those that
 * build on a disk elsewhere only the VM's own part is deleted, file by file.
 *
 * @throws HostError if another machine needs what would go.
 */
export async function destroyVm(host: EsxiHost, vm: ObservedVm, signal: AbortSignal): Promise<void> {
  try {
    await refuseToDelete(host, vm);
    await removeForeignDisks(host, vm, signal);
    await host.task(() => host.client.call(vm.ref, "Destroy_Task", {}), { signal });
  } catch (error) {
    if (isFault(error, "ManagedObjectNotFound")) return;
    if (isFault(error, "InvalidPowerState")) {
      throw new HostError(
        `${host.name}: "${vm.name}" was powered on again while it was being deleted. Run \`pulumi up\` or destroy again.`,
        { cause: error },
      );
    }
    throw error;
  }
}
