import type { VirtualDevice, VirtualDisk } from "../../../schema/index.ts";
import { create } from "../../vim/codec/objects.ts";
import { retrieveOne } from "../../vim/reads/property-collector.ts";
import { deleteFile } from "../datastore/datastore-files.ts";
import { isBesideVm, isDatastorePath } from "../datastore/datastore-path.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { untilStopped } from "../grace.ts";
import { chainOf } from "../vm/reading/disk-chain.ts";
import type { ObservedVm } from "../vm/reading/observed-vm.ts";
import { reconfigureAsItIs } from "../vm/reconfigure-as-it-is.ts";
import { disksOnDelete } from "../vm/settings/disk-labels.ts";
import { diskOf } from "./file-names.ts";
import { fileUses } from "./file-uses.ts";
import { foreignDisks } from "./foreign-disks.ts";
import { refuseWhileNeeded } from "./needed-files.ts";
import { foldersElsewhere, isOwnElsewhere } from "./own-elsewhere.ts";
import { removeIfEmpty } from "./remove-folder.ts";

/**
 * Lists, on a machine that is being deleted, the files of detached disks that are still to be deleted. A run goes on
 * there if the one before was killed.
 */
const DETACHED_KEY = "pulumi-esxi-direct.detached";
/** Says on a machine that a deletion over SSH has taken its disks away. */
export const DELETING_KEY = "pulumi-esxi-direct.deleting";

/**
 * Takes away from a machine all disks through which a deletion by the host could reach files of other machines: disks
 * in other folders, and disks that build on such disks, those of its snapshots too. Their files in the machine's own
 * folder are deleted, file by file, and so are disks that were made for it on another datastore, with their folder.
 * Disks that were attached to it, or are to be kept, lose no file.
 */
export async function removeForeignDisks(host: EsxiHost, vm: ObservedVm, signal: AbortSignal): Promise<void> {
  const isOwn = (file: string) => isBesideVm(file, vm.vmxPath);
  const frozen = (await untilStopped(fileUses(host), signal))
    .snapshotDisks(vm.moid)
    .filter((chain) => !chain.every(isOwn));
  let before = detachedBefore(vm);
  let files = new Set(before);
  const detach = async (now: ObservedVm) => {
    const foreign = foreignDisks(now);
    const elsewhere = disksElsewhere(now);
    const { staying } = disksOnDelete(now);
    const parts = foreign.filter((disk) => !staying.includes(disk)).map(chainOf);
    before = detachedBefore(now);
    const descriptors = [...[...parts, ...frozen].flat().filter(isOwn), ...elsewhere.flatMap(chainOf)];
    files = new Set([...before, ...(await filesOf(host, now, descriptors, signal))]);
    return {
      deviceChange: [...foreign, ...elsewhere].map((device: VirtualDevice) =>
        create("VirtualDeviceConfigSpec", { operation: "remove", device }),
      ),
      extraConfig: [create("OptionValue", { key: DETACHED_KEY, value: JSON.stringify([...files]) })],
    };
  };
  if (foreignDisks(vm).length + disksElsewhere(vm).length + frozen.length > 0)
    await reconfigureAsItIs(host, vm, detach, signal);
  await untilStopped(refuseWhileNeeded(host, { files: before, owner: vm, doing: "delete it" }), signal);
  for (const file of files) await deleteFile(host, file, signal);
  // Once the machine is gone, nothing tells any more which folders were made for its disks.
  for (const folder of foldersElsewhere([...files], vm.vmxPath)) await removeIfEmpty(host, folder, signal);
}

/** Disks that were made for a machine in the folder that the host has made for them on another datastore. */
function disksElsewhere(vm: ObservedVm): VirtualDisk[] {
  return disksOnDelete(vm).going.filter((disk) =>
    chainOf(disk).every((file) => isOwnElsewhere(file, vm.vmxPath)),
  );
}

/** All files of those disks: their descriptors, and their extents as the host lists them. */
async function filesOf(
  host: EsxiHost,
  vm: ObservedVm,
  descriptors: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const path = "layoutEx.file";
  const { [path]: layout } = await retrieveOne(host.client, vm.ref, "VirtualMachine", [path], signal);
  const disks = new Set(descriptors);
  const extents = (layout ?? [])
    .map(({ name }) => name)
    .filter((name) => !disks.has(name) && disks.has(diskOf(name)));
  return [...extents, ...disks];
}

/**
 * Whether a deletion has begun to take away disks that only this machine had. The machine cannot be used any more then.
 */
export const isHalfDeleted = (vm: ObservedVm): boolean =>
  vm.extraConfig.get(DELETING_KEY) === "TRUE" || detachedBefore(vm).length > 0;

/**
 * Only disks in the machine's own folder are believed, and disks with its name in the folder of that name on another
 * datastore: anybody who can change its settings can write anything there.
 */
function detachedBefore(vm: ObservedVm): string[] {
  const written = [parsed(vm.extraConfig.get(DETACHED_KEY))].flat();
  return written.filter(
    (file): file is string =>
      typeof file === "string" &&
      file.endsWith(".vmdk") &&
      (isBesideVm(file, vm.vmxPath) || (isDatastorePath(file) && isOwnElsewhere(diskOf(file), vm.vmxPath))),
  );
}

/** Undefined if the text is not JSON. */
function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}
