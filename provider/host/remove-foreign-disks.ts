import type { VirtualDevice } from "../../schema/index.ts";
import { create } from "../vim/codec/objects.ts";
import { retrieveOne } from "../vim/property-collector.ts";
import { deleteFile } from "./datastore-files.ts";
import { isBesideVm } from "./datastore-path.ts";
import { chainOf } from "./disk-chain.ts";
import type { EsxiHost } from "./esxi-host.ts";
import { foreignDisks } from "./foreign-disks.ts";
import type { ObservedVm } from "./observed-vm.ts";
import { disksOnDelete } from "./vm-config/disk-labels.ts";

/** Names, on a machine that is being deleted, the files of detached disks that are to go: a killed run goes on there. */
const DETACHED_KEY = "pulumi-esxi-direct.detached";

/**
 * Takes away from a machine all disks that a deletion by the host could follow into other machines' files: those in
 * other folders, and those that build on such. What of them lies in the machine's own folder is deleted, file by file;
 * of disks that were attached to it, or are to be kept, nothing.
 */
export async function removeForeignDisks(host: EsxiHost, vm: ObservedVm, signal: AbortSignal): Promise<void> {
  const foreign = foreignDisks(vm);
  const files = new Set(detachedBefore(vm));
  if (foreign.length > 0) {
    const { staying } = disksOnDelete(vm);
    const parts = foreign.filter((disk) => !staying.includes(disk));
    for (const file of await filesOf(host, vm, parts, signal)) {
      if (isBesideVm(file, vm.vmxPath)) files.add(file);
    }
    const deviceChange = foreign.map((device) =>
      create("VirtualDeviceConfigSpec", { operation: "remove", device }),
    );
    const extraConfig = [create("OptionValue", { key: DETACHED_KEY, value: JSON.stringify([...files]) })];
    const spec = { deviceChange, extraConfig };
    await host.task(() => host.client.call(vm.ref, "ReconfigVM_Task", { spec }), { signal });
  }
  for (const file of files) await deleteFile(host, file, signal);
}

/** All files of those disks: their descriptors, and the extents that the host lists beside them. */
async function filesOf(
  host: EsxiHost,
  vm: ObservedVm,
  disks: readonly VirtualDevice[],
  signal: AbortSignal,
): Promise<string[]> {
  const { layoutEx } = await retrieveOne(host.client, vm.ref, "VirtualMachine", ["layoutEx"], signal);
  const descriptors = disks.flatMap(chainOf);
  const stems = new Set(descriptors.map((file) => file.replace(/\.vmdk$/, "")));
  const extents = (layoutEx?.file ?? [])
    .map(({ name }) => name)
    .filter((name) => stems.has(name.replace(/-(flat|delta|sesparse|ctk|rdm|rdmp)\.vmdk$/, "")));
  return [...new Set([...extents, ...descriptors])];
}

function detachedBefore(vm: ObservedVm): string[] {
  try {
    const files: unknown = JSON.parse(vm.extraConfig.get(DETACHED_KEY) ?? "[]");
    if (!Array.isArray(files)) return [];
    return files.filter((file) => typeof file === "string" && isBesideVm(file, vm.vmxPath));
  } catch {
    return [];
  }
}
