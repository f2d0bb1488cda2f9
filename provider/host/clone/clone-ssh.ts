import type { ManagedObjectReference } from "../../../schema/index.ts";
import type { EsxiShell } from "../../ssh/commands/esxi-shell.ts";
import { cloneVmx } from "../../vmx/clone-vmx.ts";
import { disksOf, EMPTY_DRIVE, imagesOf, type VmxFileDevice } from "../../vmx/devices.ts";
import { parseVmx, type Vmx } from "../../vmx/vmx.ts";
import {
  baseName,
  type DatastorePath,
  folderOf,
  formatDatastorePath,
  inFolder,
  parseDatastorePath,
  toHostPath,
} from "../datastore/datastore-path.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { aMomentAfter } from "../grace.ts";
import { HostError } from "../host-error.ts";
import { findDatastore } from "../inventory/named-places.ts";
import { ISO_NAMES } from "../ovf-environment/iso-files.ts";
import { shellOf } from "../shell/host-shell.ts";
import { makeVm } from "../shell/make-vm.ts";
import { flagOf } from "../shell/ssh-folder.ts";
import { chainOf } from "../vm/reading/disk-chain.ts";
import { isOwnKey } from "../vm/reading/own-keys.ts";
import { formatOwnerMark, OWNER_MARK_KEY } from "../vm/reading/owner-mark.ts";
import { encodeVmName } from "../vm/reading/vm-name.ts";
import { slotName, slotOf } from "../vm/settings/buses.ts";
import { applyToVmx } from "../vm/vmx/write-vmx.ts";
import { copyName, draftName } from "./clone-files.ts";
import { homeOfLinked } from "./clone-refusals.ts";
import type { CloneOptions, CloneRequest } from "./clone-request.ts";
import { freezeSource, type SnapshotWay } from "./clone-snapshot.ts";
import type { CloneSource } from "./clone-source.ts";
import { refuseByDescriptors } from "./clone-ssh-disks.ts";
import { linkDisks } from "./linked-disks.ts";

const FORMATS = { thin: "thin", thick: "zeroedthick", eagerZeroedThick: "eagerzeroedthick" } as const;

/** Makes the disks of a clone. @returns File name of each, by the device of the source's disk. */
type DiskMaking = (copy: {
  readonly shell: EsxiShell;
  readonly original: Vmx;
  readonly folder: DatastorePath;
  readonly base: string;
}) => Promise<Map<string, string>>;

/**
 * Makes a full clone in the host's shell. Nothing is written through the API. First comes a folder with a flag in it.
 * Then each disk is copied under a temporary name, and renamed when it is whole. The .vmx file comes last and is
 * registered.
 *
 * @returns The new machine, powered off.
 */
export async function cloneFullBySsh(
  host: EsxiHost,
  request: CloneRequest,
  options: CloneOptions,
): Promise<ManagedObjectReference> {
  return cloneBySsh(host, request, options, ({ shell, original, folder, base }) =>
    copyDisks(host, shell, original, folder, base, request, options),
  );
}

/**
 * The same for a linked clone, whose disks hold only what differs from the source's.
 *
 * @returns The new machine, powered off.
 */
export async function cloneLinkedBySsh(
  host: EsxiHost,
  request: CloneRequest,
  options: CloneOptions,
): Promise<ManagedObjectReference> {
  const datastore = homeOfLinked(host, request);
  return cloneBySsh(host, { ...request, datastore }, options, ({ shell, original, folder, base }) => {
    const disks = new Map(disksOf(original).map((disk) => [disk.device, pathOf(request.source, disk)]));
    return linkDisks(host, shell, { original, disks, folder, base, request }, options);
  });
}

async function cloneBySsh(
  host: EsxiHost,
  request: CloneRequest,
  options: CloneOptions,
  makeDisks: DiskMaking,
): Promise<ManagedObjectReference> {
  const { signal } = options;
  const datastore = await findDatastore(host, request.datastore ?? request.source.vmxPath.datastore);
  const shell = await shellOf(host).open();
  const original = await readSourceVmx(host, shell, request, signal);
  // Fails now for what could not be cloned, before anything is written.
  vmxOfCopy(original, request, "draft", new Map());
  const sources = disksOf(original).map((disk) => pathOf(request.source, disk));
  await refuseByDescriptors(shell, request.source, sources, signal);
  const machine = { ...request, datastore: datastore.name, disks: sources.length };
  const made = await makeVm(host, shell, machine, options, async ({ folder, base }) => {
    const disks = await makeDisks({ shell, original, folder, base });
    await copyNvram(shell, original, request, inFolder(folder, `${base}.nvram`), signal);
    return vmxOfCopy(original, request, base, disks);
  });
  return made.ref;
}

async function readSourceVmx(
  host: EsxiHost,
  shell: EsxiShell,
  { source }: CloneRequest,
  signal: AbortSignal,
): Promise<Vmx> {
  const bytes = await shell.readTwice(toHostPath(source.vmxPath), signal);
  if (bytes !== undefined) return parseVmx(bytes);
  throw new HostError(
    `${host.name}: there is no ${formatDatastorePath(source.vmxPath)} any more, so "${source.name}" cannot be cloned. ` +
      "Nothing was created.",
  );
}

/** The path of a file of the source in the host's own file system. */
const pathOf = ({ vmxPath }: CloneSource, { fileName }: VmxFileDevice): string =>
  fileName.startsWith("/") ? fileName : toHostPath(inFolder(folderOf(vmxPath), fileName));

/** @returns File name of each disk's copy, by the disk's device. */
async function copyDisks(
  host: EsxiHost,
  shell: EsxiShell,
  original: Vmx,
  folder: DatastorePath,
  base: string,
  request: CloneRequest,
  options: CloneOptions,
): Promise<Map<string, string>> {
  const { signal, onStatus } = options;
  const { source } = request;
  const disks = disksOf(original);
  const names = new Map<string, string>();
  const frozen = await freezeSource(host, source, options, shellSnapshots(shell));
  try {
    const standing = standingFiles(frozen.source);
    for (const [index, disk] of disks.entries()) {
      const from = standing.get(disk.device.toLowerCase()) ?? pathOf(source, disk);
      const name = copyName(base, index);
      const draft = toHostPath(inFolder(folder, draftName(request.mark, index)));
      const which = disks.length > 1 ? `disk ${index + 1} of ${disks.length}` : "the disk";
      const onProgress = (percent: number) => onStatus(`copying ${which} of "${source.name}": ${percent}%`);
      const format = FORMATS[request.diskProvisioning];
      await host.copies.run(() => shell.cloneDisk(from, draft, format, { signal, onProgress }), signal);
      signal.throwIfAborted();
      await shell.renameDisk(draft, toHostPath(inFolder(folder, name)), aMomentAfter(signal));
      names.set(disk.device, name);
    }
  } finally {
    await frozen.release();
  }
  return names;
}

/**
 * The files of a running source's disks that do not change, by device. The .vmx file was read before the snapshot, so
 * it names other files.
 */
function standingFiles({ powerState, devices, disks }: CloneSource): ReadonlyMap<string, string> {
  if (powerState === "poweredOff") return new Map();
  const entries = disks.flatMap((disk): [string, string][] => {
    const slot = slotOf(devices, disk);
    const [file] = chainOf(disk);
    return slot && file !== undefined ? [[slotName(slot), toHostPath(parseDatastorePath(file))]] : [];
  });
  return new Map(entries);
}

async function copyNvram(
  shell: EsxiShell,
  original: Vmx,
  { source }: CloneRequest,
  target: DatastorePath,
  signal: AbortSignal,
): Promise<void> {
  const folder = toHostPath(folderOf(source.vmxPath));
  const name = original.get("nvram") || `${baseName(source.vmxPath)}.nvram`;
  const there = (await shell.list(folder, signal)) ?? [];
  if (there.includes(name)) await shell.copyFile(`${folder}/${name}`, toHostPath(target), signal);
}

function vmxOfCopy(
  original: Vmx,
  request: CloneRequest,
  base: string,
  disks: ReadonlyMap<string, string>,
): Vmx {
  const vmx = cloneVmx(original, {
    displayName: encodeVmName(request.name),
    nvram: `${base}.nvram`,
    disks,
    sourceFolder: toHostPath(folderOf(request.source.vmxPath)),
  });
  // The CD with the source's OVF environment is not meant for the copy's guest.
  for (const { device, fileName } of imagesOf(original)) {
    if (!ISO_NAMES.some((name) => name === fileName.slice(fileName.lastIndexOf("/") + 1))) continue;
    vmx.set(`${device}.fileName`, EMPTY_DRIVE);
    vmx.set(`${device}.startConnected`, "FALSE");
  }
  // Keys about the source's disks, or about its place in the start order, are not true for the copy.
  for (const key of vmx.keys()) if (isOwnKey(key)) vmx.delete(key);
  const mark = { ...request.mark, flag: flagOf(request.mark) };
  applyToVmx(vmx, { ...request.settings, networkInterfaces: request.adapters });
  vmx.set(OWNER_MARK_KEY, formatOwnerMark(mark));
  return vmx;
}

/** Snapshots by the host's shell. */
export function shellSnapshots(shell: EsxiShell): SnapshotWay {
  const list: SnapshotWay["list"] = async (source, signal) =>
    (await shell.snapshots(source.ref.value, signal)).map(({ id, name }) => ({
      name,
      remove: (limit) => shell.removeSnapshot(source.ref.value, id, limit),
    }));
  return {
    list,
    take: async (source, name, base) => {
      base.throwIfAborted();
      const signal = aMomentAfter(base);
      await shell.createSnapshot(source.ref.value, name, signal);
      const taken = (await list(source, signal)).findLast((snapshot) => snapshot.name === name);
      if (taken) return taken;
      throw new HostError(
        `${shell.host}: the snapshot "${name}" of "${source.name}" was taken over SSH, but the host does not list it. Nothing ` +
          "was created. Remove the snapshot in the host's client, then run `pulumi up` again.",
      );
    },
  };
}
