import type { ManagedObjectReference, VirtualDisk, VirtualMachineConfigSpec } from "../../../schema/index.ts";
import { create, isA } from "../../vim/codec/objects.ts";
import { isFault } from "../../vim/faults.ts";
import { copyFile, makeFolder } from "../datastore/datastore-files.ts";
import {
  type DatastorePath,
  formatDatastorePath,
  inFolder,
  parseDatastorePath,
} from "../datastore/datastore-path.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { removeEmptyFolder } from "../file-use/remove-folder.ts";
import { clearAway } from "../grace.ts";
import { HostError } from "../host-error.ts";
import { findDatastore } from "../inventory/named-places.ts";
import { createVm } from "../vm/create-vm.ts";
import { formatOwnerMark, OWNER_MARK_KEY } from "../vm/reading/owner-mark.ts";
import { modeOf } from "../vm/settings/disk-facts.ts";
import { withKeepAlive } from "../vm/unfinished/session-keep-alive.ts";
import { devicesOfCopy } from "./clone-devices.ts";
import { copyDisk } from "./clone-disk.ts";
import { copyName, draftName, refuseFullFolder } from "./clone-files.ts";
import { finishCopy } from "./clone-finish.ts";
import { homeOfLinked } from "./clone-refusals.ts";
import type { CloneOptions, CloneRequest } from "./clone-request.ts";
import { apiSnapshots, freezeSource } from "./clone-snapshot.ts";
import { type CloneSource, homeOf } from "./clone-source.ts";
import { configOfCopy } from "./clone-spec.ts";

/**
 * Makes a linked clone through the API. Its disks hold only what differs from the source's. The host makes it in one
 * step, or not at all.
 *
 * @returns The new machine, powered off.
 */
export async function cloneLinkedByApi(
  host: EsxiHost,
  request: CloneRequest,
  options: CloneOptions,
): Promise<ManagedObjectReference> {
  const { source } = request;
  const home = homeOfLinked(host, request);
  options.onStatus(`linking to "${source.name}"`);
  const devices = devicesOfCopy(source, (disk) => linkedDisk(host, source, disk), request.adapters);
  warnOf(devices.left, options);
  const vm = await createIn(host, request, home, { deviceChange: devices.changes }, options.signal);
  options.signal.throwIfAborted();
  if (source.nvram) await copyNvram(host, vm, source.nvram, options.signal);
  await finishCopy(host, vm, source, options.signal);
  return vm;
}

/**
 * Makes a full clone through the API. First comes a machine without disks, whose owner mark says whose it is. Then each
 * disk is copied under a temporary name, and renamed when it is whole. The devices come last. No byte passes through
 * this process.
 *
 * @returns The new machine, powered off.
 */
export async function cloneFullByApi(
  host: EsxiHost,
  request: CloneRequest,
  options: CloneOptions,
): Promise<ManagedObjectReference> {
  const datastore = await findDatastore(host, request.datastore ?? request.source.vmxPath.datastore);
  const vm = await createIn(host, request, datastore.name, {}, options.signal);
  await withKeepAlive(host, async () => {
    const frozen = await freezeSource(host, request.source, options, apiSnapshots(host));
    try {
      const files = await copyDisks(host, vm, frozen.source, request, options);
      if (frozen.source.nvram) await copyNvram(host, vm, frozen.source.nvram, options.signal);
      const attach = (disk: VirtualDisk, index: number) => {
        const fileName = files[index];
        if (fileName === undefined) throw new Error("Every disk has a copy by now.");
        const backing = { fileName: formatDatastorePath(fileName), diskMode: modeOf(disk) };
        return { backing: create("VirtualDiskFlatVer2BackingInfo", backing) };
      };
      const devices = devicesOfCopy(frozen.source, attach, request.adapters);
      warnOf(devices.left, options);
      const spec = { deviceChange: devices.changes };
      await host.task(() => host.client.call(vm, "ReconfigVM_Task", { spec }), { signal: options.signal });
      await finishCopy(host, vm, frozen.source, options.signal);
    } finally {
      await frozen.release();
    }
  });
  return vm;
}

async function copyDisks(
  host: EsxiHost,
  vm: ManagedObjectReference,
  source: CloneSource,
  { diskProvisioning, mark }: CloneRequest,
  { signal, onStatus }: CloneOptions,
): Promise<DatastorePath[]> {
  const { folder, base } = await homeOfVm(host, vm);
  const files: DatastorePath[] = [];
  for (const [index, disk] of source.disks.entries()) {
    const target = inFolder(folder, copyName(base, index));
    const which = source.disks.length > 1 ? `disk ${index + 1} of ${source.disks.length}` : "the disk";
    const copied = copyDisk(host, {
      disk,
      draft: inFolder(folder, draftName(mark, index)),
      target,
      diskProvisioning,
      signal,
      onProgress: (percent) => onStatus(`copying ${which} of "${source.name}": ${percent}%`),
    });
    await copied.catch((error) => {
      throw source.powerState !== "poweredOff" && isFault(error, "FileLocked")
        ? inUse(host, source, error)
        : error;
    });
    files.push(target);
  }
  return files;
}

/**
 * Not every host copies, through the API, the disk below the one to which a running machine writes. The host's shell
 * does.
 */
function inUse(host: EsxiHost, { name }: CloneSource, cause: unknown): HostError {
  return new HostError(
    `${host.name} does not copy the disks of "${name}" through the API while it runs, although a snapshot was taken. ` +
      'Power it off, or use transport: "ssh". Nothing was created.',
    { cause },
  );
}

/**
 * Makes the machine in its folder. If the host then does not make the machine, a folder made for it is removed again.
 */
async function createIn(
  host: EsxiHost,
  { source, name, folder: path, resourcePool, settings, mark }: CloneRequest,
  datastore: string,
  further: VirtualMachineConfigSpec,
  signal: AbortSignal,
): Promise<ManagedObjectReference> {
  const extraConfig = { ...settings.extraConfig, [OWNER_MARK_KEY]: formatOwnerMark(mark) };
  const configAt = (place: DatastorePath) => ({
    ...configOfCopy(source, name, place, { ...settings, extraConfig }),
    ...further,
  });
  if (path === undefined) return createVm(host, configAt({ datastore, path: "" }), resourcePool, signal);
  const folder = { datastore, path };
  const isNew = await makeFolder(host, folder, signal);
  if (!isNew) await refuseFullFolder(host, folder, signal);
  try {
    const place = inFolder(folder, `${path.split("/").at(-1)}.vmx`);
    return await createVm(host, configAt(place), resourcePool, signal);
  } catch (error) {
    // Files that have come into the folder meanwhile stay, and so does the folder. The first error is the one to
    // report.
    if (isNew) await clearAway(signal, (limit) => removeEmptyFolder(host, folder, limit)).catch(() => {});
    throw error;
  }
}

async function copyNvram(
  host: EsxiHost,
  vm: ManagedObjectReference,
  nvram: DatastorePath,
  signal: AbortSignal,
): Promise<void> {
  const { folder, base } = await homeOfVm(host, vm);
  await copyFile(host, nvram, inFolder(folder, `${base}.nvram`), signal);
}

async function homeOfVm(host: EsxiHost, ref: ManagedObjectReference) {
  const vm = await host.vms.byReference(ref);
  if (vm === undefined)
    throw new HostError(
      `${host.name} does not have the machine any more that it has just made. Run \`pulumi up\` again.`,
    );
  return homeOf(parseDatastorePath(vm.vmxPath));
}

function linkedDisk(host: EsxiHost, { name }: CloneSource, disk: VirtualDisk) {
  const { backing } = disk;
  if (isA(backing, "VirtualDiskSeSparseBackingInfo")) {
    const link = { fileName: placeOf(backing.fileName), diskMode: backing.diskMode, parent: backing };
    return { fileOperation: "create" as const, backing: create("VirtualDiskSeSparseBackingInfo", link) };
  }
  if (!isA(backing, "VirtualDiskFlatVer2BackingInfo")) {
    throw new HostError(
      `${host.name}: no linked clone of "${name}" can build on a disk of the kind ${backing?.$type}. Use mode: "full". ` +
        "Nothing was created.",
    );
  }
  const { diskMode, thinProvisioned } = backing;
  const link = { fileName: placeOf(backing.fileName), diskMode, thinProvisioned, parent: backing };
  return { fileOperation: "create" as const, backing: create("VirtualDiskFlatVer2BackingInfo", link) };
}

/** The datastore alone. The host chooses a name in the new machine's folder. */
const placeOf = (file: string) =>
  formatDatastorePath({ datastore: parseDatastorePath(file).datastore, path: "" });

function warnOf(left: readonly string[], { onWarning }: CloneOptions): void {
  if (left.length > 0) onWarning(`The clone does not have these devices of its source: ${left.join(", ")}.`);
}
