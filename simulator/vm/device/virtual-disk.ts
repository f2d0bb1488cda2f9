/** Virtual disks: read from the `.vmx`, written into it from a device spec, and made on the datastore. */
import type {
  VirtualDevice,
  VirtualDisk,
  VirtualDiskFlatVer2BackingInfo,
  VirtualDiskRawDiskMappingVer1BackingInfo,
  VirtualDiskSparseVer2BackingInfo,
} from "../../../schema/index.ts";
import { fileFault } from "../../core/datastore-faults.ts";
import { type DatastoreFile, formatFile, sameFile } from "../../datastore/file.ts";
import { deleteChain, readChain } from "../../disk/chain.ts";
import { changeContentId, createDelta } from "../../disk/delta.ts";
import { createEmptyDisk, type DiskProvisioning, extendDisk } from "../../disk/disk.ts";
import { VimFault } from "../../soap/fault.ts";
import { chainFacts } from "../files/disk-facts.ts";
import type { Vmx } from "../vmx.ts";
import { type BusSlot, slotKey, slotName, usedSlots } from "./bus.ts";
import { type DeviceContext, datastoreOf } from "./context.ts";
import { invalidBacking, invalidDevice, invalidOperation } from "./device-faults.ts";

/** 62 TiB, minus the part that the host needs itself. */
const MAX_DISK_BYTES = 68_169_720_922_112;

const ADAPTERS: Readonly<Record<string, string>> = {
  pvscsi: "lsilogic",
  lsilogic: "lsilogic",
  lsisas1068: "lsilogic",
  buslogic: "buslogic",
};

export function readDisk(context: DeviceContext, slot: BusSlot): VirtualDisk & { readonly $type: string } {
  const { vmx } = context;
  const name = slotName(slot);
  const fileName = context.datastorePath(vmx.get(`${name}.fileName`) ?? "");
  const facts = context.diskFacts(fileName);
  const capacityInBytes = facts?.capacityBytes ?? 0;
  const key = slotKey(slot);
  return {
    $type: "VirtualDisk",
    key,
    deviceInfo: {
      label: diskLabel(context, slot),
      summary: `${Math.floor(capacityInBytes / 1024).toLocaleString("en-US")} KB`,
    },
    backing: anyBacking(context, fileName, diskMode(vmx, name), sharing(vmx, name)),
    controllerKey: slot.bus.controllerKey + slot.controller,
    unitNumber: slot.unit,
    capacityInKB: Math.floor(capacityInBytes / 1024),
    capacityInBytes,
    shares: { shares: 1000, level: "normal" },
    storageIOAllocation: { limit: -1, shares: { shares: 1000, level: "normal" }, reservation: 0 },
    diskObjectId: `1-${key}`,
    nativeUnmanagedLinkedClone: false,
  };
}

type AnyBacking =
  | VirtualDiskFlatVer2BackingInfo
  | VirtualDiskRawDiskMappingVer1BackingInfo
  | VirtualDiskSparseVer2BackingInfo;

/** A disk by its descriptor, with the disks on which it builds. */
function anyBacking(context: DeviceContext, fileName: string, mode: string, shared: string): AnyBacking {
  const facts = context.diskFacts(fileName);
  const datastore = datastoreOf(context, fileName);
  if (facts?.rawMapping !== undefined) {
    return {
      $type: "VirtualDiskRawDiskMappingVer1BackingInfo",
      fileName,
      datastore,
      deviceName: "vml.0100000000",
      compatibilityMode: facts.rawMapping,
      diskMode: mode,
      uuid: facts.uuid,
      sharing: shared,
    };
  }
  if (facts?.hosted !== undefined) {
    const { split } = facts.hosted;
    return { $type: "VirtualDiskSparseVer2BackingInfo", fileName, datastore, diskMode: mode, split };
  }
  // In the schema the type has a parent of its own kind only. Hosts send the parent that is there.
  const parent =
    facts?.parent === undefined
      ? {}
      : { parent: anyBacking(context, facts.parent, mode, shared) as VirtualDiskFlatVer2BackingInfo };
  return {
    $type: "VirtualDiskFlatVer2BackingInfo",
    fileName,
    datastore,
    diskMode: mode,
    split: false,
    writeThrough: false,
    thinProvisioned: facts?.thin ?? false,
    ...(facts?.eagerZeroed ? { eagerlyScrub: true } : {}),
    uuid: facts?.uuid,
    contentId: facts?.contentId.padStart(32, "0"),
    ...(facts?.isDelta ? { deltaDiskFormat: "seSparseFormat", deltaGrainSize: 8 } : {}),
    digestEnabled: false,
    sharing: shared,
    ...parent,
  };
}

/** Whether other machines may write to a disk at the same time. */
const sharing = (vmx: Vmx, slot: string): string =>
  vmx.get(`${slot}.sharing`)?.toLowerCase() === "multi-writer" ? "sharingMultiWriter" : "sharingNone";

/** `Hard disk 1` and so on, in the order of the buses. */
function diskLabel({ vmx }: DeviceContext, slot: BusSlot): string {
  const disks = usedSlots(vmx).filter((one) => isDisk(vmx, one));
  return `Hard disk ${disks.findIndex((one) => slotKey(one) === slotKey(slot)) + 1}`;
}

/** The type of a disk in the `.vmx`. */
export function diskType({ bus }: BusSlot): string {
  return bus.prefix === "scsi" ? "scsi-hardDisk" : "disk";
}

export function isDisk(vmx: Vmx, slot: BusSlot): boolean {
  return !/cdrom/i.test(vmx.get(`${slotName(slot)}.deviceType`) ?? "disk");
}

/** A disk of a device spec with its slot. */
export interface DiskAdd {
  readonly device: VirtualDisk;
  readonly slot: BusSlot;
  readonly index: number;
  /** True to make the disk's files. False to attach files that are there. */
  readonly create: boolean;
}

/** Attaches a disk, and makes it if the spec says so. @returns the file that was made */
export async function addDisk(context: DeviceContext, add: DiskAdd): Promise<DatastoreFile | undefined> {
  const flat = flatBacking(add.device, add.index);
  const name = slotName(add.slot);
  const file = add.create
    ? await newDiskFile(context, flat.fileName)
    : existingFile(context, flat.fileName, add.index);
  if (add.create) {
    if (flat.parent === undefined) await createFlat(context, add, flat, file);
    else await createChild(context, add, flat.parent.fileName, file);
  } else if (!(await file.datastore.exists(file.path))) throw fileNotFound(file);
  else if (context.connected) await openExisting(context, file);
  context.vmx.set(`${name}.deviceType`, diskType(add.slot));
  context.vmx.set(`${name}.fileName`, context.vmxName(file));
  writeMode(context.vmx, name, flat.diskMode, add.index);
  context.vmx.set(`${name}.present`, true);
  return add.create ? file : undefined;
}

/** A running VM opens a disk at once. Then nobody else may use it, and its children are broken. */
async function openExisting(context: DeviceContext, file: DatastoreFile): Promise<void> {
  const own = usedSlots(context.vmx).filter((slot) => isDisk(context.vmx, slot));
  const isOwn = own.some((slot) =>
    sameFile(
      file,
      context.resolve(context.datastorePath(context.vmx.get(`${slotName(slot)}.fileName`) ?? "")),
    ),
  );
  if (isOwn || context.lockOf(file) !== undefined) throw fileLocked(file);
  await guarded(() => readChain(context.volumes, file));
  await guarded(() => changeContentId(file));
}

async function createFlat(
  context: DeviceContext,
  add: DiskAdd,
  flat: VirtualDiskFlatVer2BackingInfo,
  { datastore, path }: DatastoreFile,
): Promise<void> {
  const bytes = add.device.capacityInBytes ?? add.device.capacityInKB * 1024;
  if (bytes <= 0 || bytes > MAX_DISK_BYTES)
    throw invalidDevice(add.index, "virtualDeviceSpec.device.capacityInKB");
  const target = {
    datastore,
    descriptorPath: path,
    provisioning: provisioning(flat),
    adapterType: adapterType(context, add.slot),
  };
  await guarded(() => createEmptyDisk(target, bytes));
}

/**
 * Makes a disk that holds only the differences from another one. That one must be on the same datastore, and nobody may
 * write to it.
 */
async function createChild(
  context: DeviceContext,
  add: DiskAdd,
  parentName: string,
  file: DatastoreFile,
): Promise<void> {
  const parent = existingFile(context, parentName, add.index);
  if (!(await parent.datastore.exists(parent.path))) throw fileNotFound(parent);
  if (parent.datastore !== file.datastore) throw invalidBacking(add.index);
  if (context.lockOf(parent) === "exclusive") throw fileLocked(parent);
  const { facts } = await chainFacts(context.volumes, parent);
  const own = facts.get(formatFile(parent));
  if (own?.rawMapping !== undefined) throw invalidBacking(add.index);
  const asked = add.device.capacityInBytes ?? add.device.capacityInKB * 1024;
  // A size in KB cannot express an odd number of sectors.
  if (asked > 0 && Math.floor(asked / 1024) !== Math.floor((own?.capacityBytes ?? 0) / 1024))
    throw invalidDevice(add.index, "virtualDeviceSpec.device.capacityInKB");
  await guarded(() => createDelta(context.volumes, file, parent));
}

/** Grows a disk, or changes its mode. */
export async function editDisk(
  context: DeviceContext,
  slot: BusSlot,
  device: VirtualDisk,
  index: number,
): Promise<void> {
  const name = slotName(slot);
  const file = context.resolve(context.datastorePath(context.vmx.get(`${name}.fileName`) ?? ""));
  const facts = context.diskFacts(file.datastore.datastorePath(file.path));
  const wanted = wantedBytes(device, facts?.capacityBytes ?? 0);
  const now = facts?.capacityBytes ?? 0;
  if (wanted < now || wanted > MAX_DISK_BYTES)
    throw invalidDevice(index, "virtualDeviceSpec.device.capacityInKB");
  if (wanted > now && context.lockOf(file) === "shared") throw fileLocked(file);
  if (wanted > now) await guarded(() => extendDisk(file.datastore, file.path, wanted));
  if (device.backing === undefined) return;
  const flat = flatBacking(device, index);
  // A disk with another file would be another device.
  if (flat.fileName !== "" && !sameFile(context.resolve(flat.fileName), file)) throw invalidBacking(index);
  if (flat.diskMode !== diskMode(context.vmx, name)) {
    if (facts?.isDelta && context.hasSnapshots)
      throw new VimFault("DisallowedDiskModeChange", `Invalid configuration for device '${index}'.`, {
        property: "virtualDeviceSpec.device.backing.diskMode",
        deviceIndex: index,
      });
    writeMode(context.vmx, name, flat.diskMode, index);
  }
}

/** As in the API. */
export function diskMode(vmx: Vmx, slot: string): string {
  return (vmx.get(`${slot}.mode`) ?? "persistent").replace("-", "_");
}

const MODES = new Set([
  "persistent",
  "nonpersistent",
  "undoable",
  "independent_persistent",
  "independent_nonpersistent",
  "append",
]);

/** The `.vmx` has modes with a hyphen, and no key for the usual mode. */
function writeMode(vmx: Vmx, name: string, mode: string, index: number): void {
  if (!MODES.has(mode)) throw invalidDevice(index, "virtualDeviceSpec.device.backing.diskMode");
  vmx.set(`${name}.mode`, mode === "persistent" ? undefined : mode.replace("_", "-"));
}

/** Clients often change one of the two sizes and send the other unchanged. */
function wantedBytes(device: VirtualDisk, now: number): number {
  const inKb = device.capacityInKB * 1024;
  const inBytes = device.capacityInBytes ?? inKb;
  return inBytes === now ? inKb : inBytes;
}

/** Deletes a disk's files and those of its parents, even if others need those. */
export async function destroyDisk(context: DeviceContext, slot: BusSlot, index: number): Promise<void> {
  const file = context.resolve(context.datastorePath(context.vmx.get(`${slotName(slot)}.fileName`) ?? ""));
  if (context.lockOf(file) !== undefined) throw fileLocked(file);
  // Its parents belong to the snapshots.
  if (context.hasSnapshots && context.diskFacts(formatFile(file))?.isDelta)
    throw invalidOperation(index, "remove");
  await guarded(() => deleteChain(context.volumes, file, (one) => context.lockOf(one) !== undefined));
}

function flatBacking(device: VirtualDevice, index: number): VirtualDiskFlatVer2BackingInfo {
  if (device.backing?.$type !== "VirtualDiskFlatVer2BackingInfo") throw invalidBacking(index);
  return device.backing as VirtualDiskFlatVer2BackingInfo;
}

function provisioning(flat: VirtualDiskFlatVer2BackingInfo): DiskProvisioning {
  if (flat.thinProvisioned) return "thin";
  return flat.eagerlyScrub ? "eagerZeroedThick" : "thick";
}

function adapterType({ vmx }: DeviceContext, { bus, controller }: BusSlot): string {
  if (bus.prefix !== "scsi") return "ide";
  return ADAPTERS[vmx.get(`scsi${controller}.virtualDev`)?.toLowerCase() ?? "lsilogic"] ?? "lsilogic";
}

/** The place of a new disk: the named one, or the next free name in the folder of the `.vmx`. */
async function newDiskFile(context: DeviceContext, fileName: string): Promise<DatastoreFile> {
  const named = /\.vmdk$/i.test(fileName) ? context.resolve(fileName) : undefined;
  if (named) return named;
  const bare = fileName.trim() === "" ? context.folder : context.resolve(fileName);
  const inFolder = bare.path === "" || bare.datastore !== context.folder.datastore;
  const folder = inFolder ? context.folder.path : bare.path;
  if (!(await bare.datastore.exists(folder))) await guarded(() => bare.datastore.makeDirectory(folder, true));
  for (let number = 0; ; number++) {
    const path = `${folder}/${context.baseName}${number === 0 ? "" : `_${number}`}.vmdk`;
    if (!(await bare.datastore.exists(path))) return { datastore: bare.datastore, path };
  }
}

function existingFile(context: DeviceContext, fileName: string, index: number): DatastoreFile {
  if (fileName.trim() === "" || !/\.vmdk$/i.test(fileName)) throw invalidBacking(index);
  return context.resolve(fileName);
}

function fileNotFound(file: DatastoreFile): VimFault {
  const path = formatFile(file);
  return new VimFault("FileNotFound", `File ${path} was not found`, { file: path });
}

function fileLocked(file: DatastoreFile): VimFault {
  const path = formatFile(file);
  return new VimFault("FileLocked", `Unable to access file ${path} since it is locked`, { file: path });
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileFault(error);
  }
}
