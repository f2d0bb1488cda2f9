import type { ManagedObjectReference, OptionValue, VirtualDeviceConfigSpec } from "../../schema/index.ts";
import { create } from "../vim/codec/objects.ts";
import { isFault } from "../vim/faults.ts";
import type { EsxiHost } from "./esxi-host.ts";
import { HostError } from "./host-error.ts";
import type { ObservedVm } from "./observed-vm.ts";
import { removeForeignDisks } from "./remove-foreign-disks.ts";
import type { AdapterWish } from "./vm-config/network-interfaces.ts";
import { encodeVmName } from "./vm-name.ts";

/** What {@link reconfigureVm} sets; what is left out stays as it is. */
export interface VmChange {
  readonly numCpus?: number | undefined;
  readonly numCoresPerSocket?: number | undefined;
  /** In MB. */
  readonly memory?: number | undefined;
  readonly annotation?: string | undefined;
  /** Advanced settings by key; the empty text removes one. */
  readonly extraConfig?: Readonly<Record<string, string>> | undefined;
  /** Network adapters, in order; all that the VM is to have. */
  readonly adapters?: readonly AdapterWish[] | undefined;
}

export async function reconfigureVm(
  host: EsxiHost,
  vm: ManagedObjectReference,
  change: Omit<VmChange, "adapters"> & {
    readonly deviceChange?: readonly VirtualDeviceConfigSpec[] | undefined;
  },
  signal: AbortSignal,
): Promise<void> {
  const spec = {
    annotation: change.annotation,
    numCPUs: change.numCpus,
    numCoresPerSocket: change.numCoresPerSocket,
    memoryMB: change.memory,
    deviceChange: change.deviceChange,
    extraConfig: change.extraConfig && optionValues(change.extraConfig),
  };
  await host.task(() => host.client.call(vm, "ReconfigVM_Task", { spec }), { signal });
}

/** Advanced settings as the API takes them. */
export function optionValues(settings: Readonly<Record<string, string>>): OptionValue[] {
  return Object.entries(settings).map(([key, value]) => create("OptionValue", { key, value }));
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
 */
export async function destroyVm(host: EsxiHost, vm: ObservedVm, signal: AbortSignal): Promise<void> {
  try {
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
