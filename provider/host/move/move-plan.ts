import type { VirtualDisk } from "../../../schema/index.ts";
import { isA } from "../../vim/codec/objects.ts";
import { retrieveOne } from "../../vim/reads/property-collector.ts";
import { whyUncloneable } from "../clone/clone-refusals.ts";
import { type CloneSource, readCloneSource } from "../clone/clone-source.ts";
import { listFolder } from "../datastore/datastore-listing.ts";
import {
  baseName,
  type DatastorePath,
  folderOf,
  formatDatastorePath,
  isBesideVm,
  parseDatastorePath,
} from "../datastore/datastore-path.ts";
import { formatBytes } from "../datastore/format-bytes.ts";
import { nameOf } from "../datastore/place-claim.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { refuseWithChildren } from "../file-use/refuse-loss.ts";
import { HostError } from "../host-error.ts";
import { findDatastore } from "../inventory/named-places.ts";
import { chainOf } from "../vm/reading/disk-chain.ts";
import type { ObservedVm } from "../vm/reading/observed-vm.ts";
import { provisioningOf } from "../vm/settings/disk-facts.ts";
import { diskLabels, labelledDisks } from "../vm/settings/disk-labels.ts";

/** Where a machine is to be. */
export interface MoveTarget {
  /** The datastore's name. Undefined for the machine's present one. */
  readonly datastore: string | undefined;
  /** Folder below the datastore's root. Default: the name of its present folder, or a similar one if that is taken. */
  readonly folder: string | undefined;
  /** Labels of disks that the program asks for on the datastore that the machine leaves. */
  readonly staying: readonly string[];
}

/** What moves with a machine. All other files in its folder stay there, and so do disks elsewhere. */
export interface MovePlan {
  /** Its new folder. */
  readonly folder: DatastorePath;
  readonly disks: readonly VirtualDisk[];
  /** Files beside the disks and the .vmx file. */
  readonly files: readonly DatastorePath[];
}

/** How many names are tried for a folder. */
const MOST_NAMES = 100;

/** Kinds of files in `layoutEx` that a machine needs. */
const CARRIED = new Set(["nvram", "extendedConfig", "snapshotList"]);

/** True if the machine is in the desired place. */
export async function isThere(host: EsxiHost, vm: ObservedVm, target: MoveTarget): Promise<boolean> {
  const { datastore, path } = folderOf(parseDatastorePath(vm.vmxPath));
  if (target.folder !== undefined && target.folder !== path) return false;
  return target.datastore === undefined || (await findDatastore(host, target.datastore)).name === datastore;
}

/**
 * What is to be moved, as the machine is now.
 * @throws HostError if the machine cannot be moved, or has no room there. Nothing has been changed by then.
 */
export async function planMove(
  host: EsxiHost,
  vm: ObservedVm,
  target: MoveTarget,
  signal: AbortSignal,
): Promise<MovePlan> {
  const home = parseDatastorePath(vm.vmxPath).datastore;
  const datastore = (await findDatastore(host, target.datastore ?? home)).name;
  const own = await refuseImmovable(host, vm, target);
  await refuseWithoutRoom(host, vm, datastore, own);
  const folder = await folderFor(host, vm, datastore, target, signal);
  return { folder, disks: own, files: await filesToCarry(host, vm) };
}

/**
 * Refuses a machine that cannot be moved because of something that it has.
 * @returns The disks that would move with it.
 * @throws HostError with the reason.
 */
export async function refuseImmovable(
  host: EsxiHost,
  vm: ObservedVm,
  target: MoveTarget,
): Promise<readonly VirtualDisk[]> {
  const source = await readCloneSource(host, vm.ref);
  const own = source.disks.filter((disk) => isBesideVm(chainOf(disk)[0] ?? "", vm.vmxPath));
  const why = whyImmovable(vm, source, own, target);
  if (why !== undefined) throw immovable(host, vm, why);
  await refuseWithChildren(host, vm, "move it to another place").catch((error: unknown) => {
    if (!(error instanceof HostError)) throw error;
    const way =
      "Or have it made anew there together with its clones, disks included: `pulumi up --replace` and its URN.";
    throw new HostError(`${error.message} ${way}`, { cause: error });
  });
  return own;
}

function immovable(host: EsxiHost, { name }: ObservedVm, why: string): HostError {
  return new HostError(`${host.name}: "${name}" cannot be moved: ${why}. Nothing was changed.`);
}

function whyImmovable(
  vm: ObservedVm,
  source: CloneSource,
  own: readonly VirtualDisk[],
  { staying }: MoveTarget,
): string | undefined {
  const { snapshots, disks } = source;
  if (snapshots.length > 0) {
    const names = snapshots.map((name) => `"${name}"`).join(", ");
    return `it has snapshots (${names}), which would not come along. Remove them first: those of this program by taking them out of it and running \`pulumi up\` once`;
  }
  const uncloneable = whyUncloneable(source);
  if (uncloneable !== undefined) return uncloneable;
  const building = disks.find((disk) => chainOf(disk).length > 1);
  if (building !== undefined) {
    return `its disk ${chainOf(building)[0]} builds on another one, ${chainOf(building)[1]}, which stays where it is: it is a linked clone, or snapshots were made of it in another way. Only a replacement can be elsewhere, which has new disks (allowReplace: true)`;
  }
  const raw = own.find(({ backing }) => isA(backing, "VirtualDiskRawDiskMappingVer1BackingInfo"));
  if (raw !== undefined) return `its disk ${chainOf(raw)[0]} is a raw device`;
  const labels = diskLabels(vm);
  for (const [label, disk] of labelledDisks(vm)) {
    const file = chainOf(disk)[0] ?? "";
    if (!isBesideVm(file, vm.vmxPath)) continue;
    if (labels.get(label)?.origin === "attached") {
      return `its disk "${label}" was attached to it, and lies in the machine's own folder: ${file}. Move that file to another folder first`;
    }
    if (staying.includes(label)) {
      return `its disk "${label}" lies in the machine's own folder, and is asked for on the datastore that the machine is to leave. Take \`datastore\` out of that disk`;
    }
  }
  return undefined;
}

async function refuseWithoutRoom(
  host: EsxiHost,
  vm: ObservedVm,
  datastore: string,
  disks: readonly VirtualDisk[],
): Promise<void> {
  const { ref } = await findDatastore(host, datastore);
  const [{ summary }, { layoutEx }] = await Promise.all([
    retrieveOne(host.client, ref, "Datastore", ["summary"]),
    retrieveOne(host.client, vm.ref, "VirtualMachine", ["layoutEx"]),
  ]);
  const taken = (disk: VirtualDisk) => {
    const extent = (chainOf(disk)[0] ?? "").replace(/\.vmdk$/, "-flat.vmdk");
    const file = layoutEx?.file?.find(({ name }) => name === extent);
    return Number(file?.uniqueSize ?? file?.size ?? 0);
  };
  // A thin copy takes no more room than the original.
  const needed = disks
    .map((disk) => (provisioningOf(disk) === "thin" ? taken(disk) : disk.capacityInKB * 1024))
    .reduce((sum, bytes) => sum + bytes, 0);
  const free = Number(summary?.freeSpace ?? Number.POSITIVE_INFINITY);
  if (needed <= free) return;
  throw immovable(
    host,
    vm,
    `its disks take ${formatBytes(needed)}, and ${datastore} has ${formatBytes(free)} left`,
  );
}

/**
 * The folder for the machine: the one in the program if it is empty. If the program names none, a folder that is not
 * there yet.
 * @throws HostError if there is anything in the folder.
 */
async function folderFor(
  host: EsxiHost,
  vm: ObservedVm,
  datastore: string,
  { folder }: MoveTarget,
  signal: AbortSignal,
): Promise<DatastorePath> {
  if (folder !== undefined) {
    const asked = { datastore, path: folder };
    const inside = await listFolder(host, asked, signal);
    if (inside === undefined || inside.length === 0) return asked;
    throw new HostError(
      `${host.name}: "${vm.name}" cannot be moved to ${formatDatastorePath(asked)}: there are files in that folder ` +
        "already. Nothing was changed. Choose another `folder`, or leave it out.",
    );
  }
  const vmx = parseDatastorePath(vm.vmxPath);
  const own = nameOf(folderOf(vmx)) || baseName(vmx);
  const taken = (await listFolder(host, { datastore, path: "" }, signal)) ?? [];
  const names = Array.from({ length: MOST_NAMES }, (_, index) => (index === 0 ? own : `${own}_${index}`));
  const free = names.find((name) => !taken.some((entry) => entry.name === name));
  if (free !== undefined) return { datastore, path: free };
  throw new HostError(
    `${host.name}: [${datastore}] has too many folders named "${own}", so "${vm.name}" cannot be moved ` +
      "there. Nothing was changed. Remove those that nobody needs, or name a `folder`.",
  );
}

async function filesToCarry(host: EsxiHost, vm: ObservedVm): Promise<DatastorePath[]> {
  const { layoutEx } = await retrieveOne(host.client, vm.ref, "VirtualMachine", ["layoutEx"]);
  const listed = (layoutEx?.file ?? []).filter(({ type }) => CARRIED.has(type)).map(({ name }) => name);
  // An image in a drive, or the file of a port, that lies in the machine's folder: the machine finds it by its name
  // alone.
  const media = vm.devices.flatMap(({ backing, $type }) =>
    $type !== "VirtualDisk" && isA(backing, "VirtualDeviceFileBackingInfo") ? [backing.fileName] : [],
  );
  const files = [...listed, ...media].filter((file) => isBesideVm(file, vm.vmxPath));
  return [...new Set(files)].map((file) => parseDatastorePath(file));
}

/** The same file in another folder. */
export const inNewHome = (file: DatastorePath, folder: DatastorePath): DatastorePath => ({
  datastore: folder.datastore,
  path: `${folder.path}/${nameOf(file)}`,
});

/** The new place of each of the plan's disks, by its present place. */
export function newPlaces({ disks, folder }: MovePlan): Map<string, string> {
  return new Map(
    disks.map((disk) => {
      const [file = ""] = chainOf(disk);
      return [file, formatDatastorePath(inNewHome(parseDatastorePath(file), folder))];
    }),
  );
}
