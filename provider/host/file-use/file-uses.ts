import type { ManagedObjectReference, VirtualDevice } from "../../../schema/index.ts";
import { isA } from "../../vim/codec/objects.ts";
import { retrieveAll, retrieveMany } from "../../vim/property-collector.ts";
import { flat } from "../clone-source.ts";
import { type DatastorePath, folderOf, isDatastorePath, parseDatastorePath } from "../datastore-path.ts";
import { chainOf, disksAmong } from "../disk-chain.ts";
import type { EsxiHost } from "../esxi-host.ts";
import type { HostVms } from "../the-machine.ts";
import type { VmSnapshotRead } from "../vm-snapshot-read.ts";
import { diskOf, isBelow, spelled } from "./file-names.ts";

/** A machine that needs a file. */
export interface FileUse {
  readonly moid: string;
  readonly name: string;
  /**
   * `device`: one of its devices has the file now. `base`: one of its disks builds on it. `snapshot`: a snapshot of it
   * does one or the other. `own`: the host counts the file among those that the machine is made of.
   */
  readonly as: "device" | "base" | "snapshot" | "own";
  /** True for a machine that is powered off: it has no file open. */
  readonly isOff: boolean;
}

/** Which machines of a host need which files, as one look found them. */
export interface FileUses {
  /** Who needs that file. */
  of(file: string): readonly FileUse[];
  /** Who needs something that lies in that folder or below it, or that file. */
  below(place: DatastorePath): readonly FileUse[];
  /** Files of the disks of each of a machine's snapshots, from the frozen disk down to the last that it builds on. */
  snapshotDisks(moid: string): readonly (readonly string[])[];
}

const known = new WeakMap<VmSnapshotRead, Promise<FileUses>>();

/** Who needs what: what is read of all machines serves as long as the overview of them does. */
export function fileUses(host: EsxiHost): Promise<FileUses> {
  const overview = host.vms.overview();
  const before = known.get(overview);
  if (before) return before;
  const uses = Promise.all([overview.inventory(), readLayouts(host)]).then(([vms, layouts]) =>
    indexed(vms, layouts),
  );
  known.set(overview, uses);
  uses.catch(() => {
    if (known.get(overview) === uses) known.delete(overview);
  });
  return uses;
}

/** What the host says of a machine's files beside its present devices. */
interface Layout {
  readonly moid: string;
  readonly files: readonly string[];
  readonly snapshotDevices: readonly VirtualDevice[];
}

async function readLayouts({ client }: EsxiHost): Promise<readonly Layout[]> {
  const vms = await retrieveAll(client, "VirtualMachine", ["layoutEx.file", "snapshot"]);
  const taken = new Map(
    vms.map(({ ref, properties: { snapshot } }) => [
      ref.value,
      flat(snapshot?.rootSnapshotList).map((tree) => tree.snapshot),
    ]),
  );
  const devices = await devicesOf(client, [...taken.values()].flat());
  return vms.map(({ ref, properties }) => ({
    moid: ref.value,
    files: (properties["layoutEx.file"] ?? []).map((file) => file.name),
    snapshotDevices: (taken.get(ref.value) ?? []).flatMap((snapshot) => devices.get(snapshot.value) ?? []),
  }));
}

/** The devices that machines had when those snapshots were taken. */
async function devicesOf(
  client: EsxiHost["client"],
  snapshots: readonly ManagedObjectReference[],
): Promise<ReadonlyMap<string, readonly VirtualDevice[]>> {
  const path = "config.hardware.device";
  const found = await retrieveMany(client, snapshots, "VirtualMachineSnapshot", [path]);
  return new Map(found.map(({ ref, properties }) => [ref.value, properties[path] ?? []]));
}

function indexed({ vms, unreadable }: HostVms, layouts: readonly Layout[]): FileUses {
  const uses = new Map<string, FileUse[]>();
  const frozen = new Map<string, string[][]>();
  const homes: { readonly folder: Home; readonly use: FileUse }[] = [];
  const readable = new Map(vms.map((vm) => [vm.moid, vm]));
  const add = (file: string, use: FileUse) => {
    const users = uses.get(spelled(file)) ?? [];
    if (!users.some(({ moid, as }) => moid === use.moid && as === use.as)) users.push(use);
    uses.set(spelled(file), users);
  };
  const addDevices = (devices: readonly VirtualDevice[], use: Omit<FileUse, "as">, isNow: boolean) => {
    for (const file of devices.flatMap(mediumOf)) add(file, { ...use, as: isNow ? "device" : "snapshot" });
    for (const [depth, file] of disksAmong(devices).flatMap((disk) => [...chainOf(disk).entries()])) {
      const as = depth === 0 ? "device" : "base";
      add(file, { ...use, as: isNow ? as : "snapshot" });
    }
  };
  for (const { moid, name, powerState, vmxPath, devices } of vms) {
    const use = { moid, name, isOff: powerState === "poweredOff" };
    add(vmxPath, { ...use, as: "own" });
    addDevices(devices, use, true);
  }
  for (const { moid, files, snapshotDevices } of layouts) {
    const vm = readable.get(moid);
    if (vm === undefined) continue;
    const use = { moid, name: vm.name, isOff: vm.powerState === "poweredOff" };
    addDevices(snapshotDevices, use, false);
    for (const file of files) {
      // What no device has now, the snapshots do.
      const isKnown = uses.get(spelled(file))?.some((user) => user.moid === moid);
      if (!isKnown) add(file, { ...use, as: snapshotDevices.length > 0 ? "snapshot" : "own" });
    }
    frozen.set(moid, disksAmong(snapshotDevices).map(chainOf));
  }
  for (const { moid, name, vmxPath, files = [] } of unreadable) {
    const use = { moid, name, isOff: false, as: "own" as const };
    for (const file of files) add(file, use);
    // Nobody knows its devices: all that lies beside it may be its own.
    const folder = vmxPath === undefined ? undefined : homeOf(vmxPath);
    if (folder !== undefined) homes.push({ folder, use });
  }
  const inHomes = (place: DatastorePath, either: boolean) =>
    homes.flatMap(({ folder, use }) =>
      isBelow(place, on(folder, place)) || (either && isBelow(on(folder, place), place)) ? [use] : [],
    );
  return {
    of: (file) => [
      ...(uses.get(spelled(file)) ?? []),
      ...(uses.get(spelled(diskOf(file))) ?? []),
      ...(isDatastorePath(file) ? inHomes(parseDatastorePath(file), false) : []),
    ],
    below: (place) => [
      ...[...uses].flatMap(([file, users]) =>
        isDatastorePath(file) && isBelow(parseDatastorePath(file), place) ? users : [],
      ),
      ...inHomes(place, true),
    ],
    snapshotDisks: (moid) => frozen.get(moid) ?? [],
  };
}

/** A folder on a datastore, or on whichever has it. */
type Home = Omit<DatastorePath, "datastore"> & { readonly datastore: string | undefined };

/** The folder of a `.vmx`, also of one of which the host knows the volume by its number alone. */
function homeOf(vmxPath: string): Home | undefined {
  const [, path] = /^\[\]\s*\/vmfs\/volumes\/[^/]+\/(.+)$/.exec(vmxPath) ?? [];
  if (path !== undefined) return { ...folderOf({ datastore: "", path }), datastore: undefined };
  return isDatastorePath(vmxPath) ? folderOf(parseDatastorePath(vmxPath)) : undefined;
}

const on = ({ datastore, path }: Home, place: DatastorePath): DatastorePath => ({
  datastore: datastore ?? place.datastore,
  path,
});

/** The image in a drive, what a serial port writes to: the file of a device that is no disk. */
function mediumOf(device: VirtualDevice): string[] {
  const { backing } = device;
  if (isA(device, "VirtualDisk") || !isA(backing, "VirtualDeviceFileBackingInfo")) return [];
  return backing.fileName === "" ? [] : [backing.fileName];
}
