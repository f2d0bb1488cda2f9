import { isFault } from "../../vim/faults.ts";
import { copyDisk } from "../clone/clone-disk.ts";
import { draftName } from "../clone/clone-files.ts";
import { copyFile, makeFolder } from "../datastore/datastore-files.ts";
import { listFolder } from "../datastore/datastore-listing.ts";
import {
  type DatastorePath,
  formatDatastorePath,
  inFolder,
  parseDatastorePath,
} from "../datastore/datastore-path.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { HostError } from "../host-error.ts";
import { chainOf } from "../vm/reading/disk-chain.ts";
import type { MoveMark } from "../vm/reading/move-mark.ts";
import type { ObservedVm } from "../vm/reading/observed-vm.ts";
import { provisioningOf } from "../vm/settings/disk-facts.ts";
import { inNewHome, type MovePlan } from "./move-plan.ts";

interface CopyOptions {
  readonly signal: AbortSignal;
  readonly onStatus: (text: string) => void;
}

/** The owner of those drafts, as a part of their names. */
export const draftsOf = ({ flag }: Pick<MoveMark, "flag">) => ({ urn: "move", digest: flag });

/**
 * Makes the machine's new folder, with the flag that says whose it is. Then it copies the files that move along, and
 * the .vmx file last. A disk has a temporary name until it is whole.
 */
export async function copyMachine(
  host: EsxiHost,
  vm: ObservedVm,
  plan: MovePlan,
  mark: MoveMark,
  { signal, onStatus }: CopyOptions,
): Promise<void> {
  const { folder } = plan;
  const isNew = await makeFolder(host, folder, signal);
  if (!isNew && ((await listFolder(host, folder, signal)) ?? []).length > 0) {
    throw new HostError(
      `${host.name}: somebody has just made the folder ${formatDatastorePath(folder)} to which "${vm.name}" was to be ` +
        "moved. Run `pulumi up` again.",
    );
  }
  await makeFolder(host, inFolder(folder, mark.flag), signal);
  for (const [index, disk] of plan.disks.entries()) {
    const source = parseDatastorePath(chainOf(disk)[0] ?? "");
    const target = inNewHome(source, folder);
    const which = plan.disks.length > 1 ? `disk ${index + 1} of ${plan.disks.length}` : "the disk";
    await copyDisk(host, {
      disk,
      draft: inFolder(folder, draftName(draftsOf(mark), index)),
      target,
      diskProvisioning: provisioningOf(disk),
      signal,
      onProgress: (percent) => onStatus(`moving to [${folder.datastore}]: ${which}, ${percent}%`),
    });
    await copyDiskIdentity(host, source, target, signal);
  }
  for (const file of plan.files) {
    await copyFile(host, file, inNewHome(file, folder), signal).catch((error: unknown) => {
      // The machine names a file that does not exist yet.
      if (!isFault(error, "FileNotFound")) throw error;
    });
  }
  await copyFile(host, parseDatastorePath(vm.vmxPath), parseDatastorePath(mark.to), signal);
}

/** A guest may know its disks by their serial numbers, but hosts give a copy a new one. */
async function copyDiskIdentity(
  host: EsxiHost,
  source: DatastorePath,
  target: DatastorePath,
  signal: AbortSignal,
): Promise<void> {
  const { virtualDiskManager: manager } = (await host.facts()).content;
  if (!manager) return;
  const uuidOf = (file: DatastorePath) =>
    host.client.call(manager, "QueryVirtualDiskUuid", { name: formatDatastorePath(file) }, { signal });
  const [uuid, copied] = [await uuidOf(source), await uuidOf(target)];
  if (uuid === copied) return;
  const params = { name: formatDatastorePath(target), uuid };
  await host.client.call(manager, "SetVirtualDiskUuid", params, { signal });
}
