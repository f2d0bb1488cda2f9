/** Creating, removing and reverting to snapshots, and the effects on the chains of disks. */

import { fileFault } from "../../core/datastore-faults.ts";
import { type DatastoreFile, namedFile, nameFrom, sameFile } from "../../datastore/file.ts";
import { baseName, parentFolder } from "../../datastore/path.ts";
import { createDelta, MAX_CHAIN } from "../../disk/delta.ts";
import { deleteDisk, readDescriptor } from "../../disk/disk.ts";
import { VimFault } from "../../soap/fault.ts";
import { toolsRunning } from "../guest/guest.ts";
import type { Vm } from "../vm.ts";
import type { VmHost } from "../vm-host.ts";
import type { Vmx } from "../vmx.ts";
import { allFiles, childrenOf, fileOf, type Kept, mergeChild, usersOf } from "./chains.ts";
import { hasIndependentDisk, snapshotSlots } from "./slots.ts";
import { setSnapshots } from "./snapshot-objects.ts";
import { depthOf, type Snapshot, withDescendants } from "./tree.ts";

const MAX_NAME = 80;
/** The simulated size of the file with a snapshot's memory. */
const MEMORY_BYTES = 4096;

export interface SnapshotWish {
  readonly name: string;
  readonly description: string;
  readonly memory: boolean;
  readonly quiesce: boolean;
}

/** Freezes the VM's disks, and puts a delta disk on top of each. @throws VimFault */
export async function createSnapshot(host: VmHost, vm: Vm, wish: SnapshotWish): Promise<Snapshot> {
  checkAllowed(vm);
  const name = snapshotName(wish.name);
  const isRunning = vm.powerState === "poweredOn";
  const keepsMemory = wish.memory && isRunning;
  if (keepsMemory && hasIndependentDisk(vm.vmx))
    throw new VimFault(
      "MemorySnapshotOnIndependentDisk",
      "Cannot take a memory snapshot, since the virtual machine is configured with independent disks.",
    );
  if (depthOf(vm.snapshots) >= MAX_CHAIN - 1)
    throw new VimFault("TooManySnapshotLevels", "Snapshot hierarchy is too deep.");
  const before = vm.vmx.clone();
  const vmx = vm.vmx.clone();
  const made: DatastoreFile[] = [];
  const slots = snapshotSlots(vmx);
  try {
    for (const slot of slots) made.push(await putDelta(host, vm, vmx, slot, fileOf(host, vm, before, slot)));
  } catch (error) {
    for (const { datastore, path } of made) await deleteDisk(datastore, path);
    throw fileFault(error);
  }
  const tree = vm.snapshots;
  const id = tree.lastId + 1;
  const snapshot: Snapshot = {
    id,
    name,
    description: wish.description,
    created: new Date(),
    parent: tree.current,
    powerState: keepsMemory ? "poweredOn" : "poweredOff",
    // Without Tools the guest cannot be asked.
    quiesced: wish.quiesce && toolsRunning(vm.guestStage),
    disks: slots.map((slot) => ({ slot, fileName: before.get(`${slot}.fileName`) ?? "" })),
    file: `${vm.baseName}-Snapshot${id}.vmsn`,
    vmx: before,
  };
  await vm.folder.datastore.writeFile(`${vm.folder.path}/${snapshot.file}`, before.format());
  if (keepsMemory) await vm.folder.datastore.writeFile(memoryFile(vm, snapshot), Buffer.alloc(MEMORY_BYTES));
  await setSnapshots(host.objects, vm, { current: id, lastId: id, list: [...tree.list, snapshot] });
  await vm.commit(vmx);
  return snapshot;
}

export interface Removal {
  readonly withChildren: boolean;
  /** False to leave the disks as they are, for ConsolidateVMDisks_Task. */
  readonly consolidate: boolean;
}

/** Removes a snapshot. Later changes are merged into its disks. @throws VimFault */
export async function removeSnapshot(
  host: VmHost,
  vm: Vm,
  id: number,
  { withChildren, consolidate }: Removal,
): Promise<void> {
  checkAllowed(vm);
  const doomed = withChildren ? withDescendants(vm.snapshots, id).reverse() : [id];
  for (const one of doomed)
    await removeOne(host, vm, one, consolidate).catch((error: unknown) => Promise.reject(fileFault(error)));
  await vm.refresh();
}

/** Reverts the VM. Changes since the snapshot are lost. @throws VimFault */
export async function revertToSnapshot(
  host: VmHost,
  vm: Vm,
  snapshot: Snapshot,
  suppressPowerOn: boolean,
): Promise<void> {
  checkAllowed(vm);
  if (vm.powerState !== "poweredOff") host.power.powerOff(vm);
  const vmx = snapshot.vmx.clone();
  for (const key of ["displayName", "uuid.bios", "uuid.location", "vc.uuid"]) vmx.set(key, vm.vmx.get(key));
  const old = snapshotSlots(vm.vmx).map((slot) => fileOf(host, vm, vm.vmx, slot));
  try {
    for (const { slot, fileName } of snapshot.disks)
      await putDelta(host, vm, vmx, slot, named(host, vm, fileName));
  } catch (error) {
    throw fileFault(error);
  }
  const { list } = vm.snapshots;
  await setSnapshots(host.objects, vm, { ...vm.snapshots, current: snapshot.id });
  await vm.commit(vmx);
  const frozen = list.flatMap(({ disks }) => disks.map(({ fileName }) => named(host, vm, fileName)));
  for (const file of old) {
    const isNeeded = [...frozen, ...vm.ownDisks].some((one) => sameFile(one, file));
    const descriptor = await readDescriptor(file.datastore, file.path).catch(() => undefined);
    if (!isNeeded && descriptor?.parentFile !== undefined) await deleteDisk(file.datastore, file.path);
  }
  await vm.refresh();
  if (snapshot.powerState === "poweredOn" && !suppressPowerOn) await host.power.powerOn(vm);
}

/** Makes a new delta disk on `parent` for a slot. */
async function putDelta(
  host: VmHost,
  vm: Vm,
  vmx: Vmx,
  slot: string,
  parent: DatastoreFile,
): Promise<DatastoreFile> {
  const stem = baseName(parent.path).replace(/(-\d{6})?\.vmdk$/, "");
  const { datastore, path: folder } = deltaFolder(host, vm, vmx, parent);
  for (let number = 1; ; number++) {
    const file = { datastore, path: `${folder}/${stem}-${String(number).padStart(6, "0")}.vmdk` };
    if (await datastore.exists(file.path)) continue;
    await createDelta(host.datastores, file, parent);
    vmx.set(`${slot}.fileName`, nameFrom(vm.vmxFile, file));
    return file;
  }
}

/** The folder of the frozen disk, or the folder that the `.vmx` names for all files of a running VM. */
function deltaFolder(host: VmHost, vm: Vm, vmx: Vmx, parent: DatastoreFile): DatastoreFile {
  if (!/^true$/i.test(vmx.get("snapshot.redoNotWithParent") ?? ""))
    return { datastore: parent.datastore, path: parentFolder(parent.path) };
  const folder = vmx.get("workingDir") ?? "";
  return folder === "" || folder === "." ? vm.folder : named(host, vm, folder);
}

async function removeOne(host: VmHost, vm: Vm, id: number, consolidate: boolean): Promise<void> {
  const snapshot = vm.snapshots.list.find((one) => one.id === id);
  if (snapshot === undefined) return;
  let kept: Kept = {
    vmx: vm.vmx.clone(),
    tree: {
      ...vm.snapshots,
      current: vm.snapshots.current === id ? snapshot.parent : vm.snapshots.current,
      list: vm.snapshots.list
        .filter((one) => one.id !== id)
        .map((one) => (one.parent === id ? { ...one, parent: snapshot.parent } : one)),
    },
  };
  for (const { fileName } of consolidate ? snapshot.disks : []) {
    const frozen = named(host, vm, fileName);
    const users = usersOf(host, vm, kept);
    if (users.some((one) => sameFile(one, frozen))) continue;
    const [only, ...others] = await childrenOf(host, await allFiles(host, vm, kept), frozen);
    if (only === undefined) {
      const { parentFile } = await readDescriptor(frozen.datastore, frozen.path);
      if (parentFile !== undefined) await deleteDisk(frozen.datastore, frozen.path);
    } else if (others.length === 0) kept = await mergeChild(host, vm, kept, only, frozen);
  }
  await setSnapshots(host.objects, vm, kept.tree);
  await vm.commit(kept.vmx);
  for (const file of [`${vm.folder.path}/${snapshot.file}`, memoryFile(vm, snapshot)])
    await vm.folder.datastore.remove(file).catch(() => undefined);
}

/** @throws VimFault InvalidName */
export function snapshotName(name: string): string {
  if (name.trim() === "" || name.length > MAX_NAME)
    throw new VimFault("InvalidName", `The name '${name}' is invalid.`, { name });
  return name;
}

/** @throws VimFault SnapshotDisabled, SnapshotLocked */
function checkAllowed({ config: { flags } }: Vm): void {
  if (flags.snapshotDisabled)
    throw new VimFault("SnapshotDisabled", "Snapshots are disabled for this virtual machine.");
  if (flags.snapshotLocked)
    throw new VimFault("SnapshotLocked", "Snapshots are locked for this virtual machine.");
}

function memoryFile(vm: Vm, { file }: Snapshot): string {
  return `${vm.folder.path}/${file.replace(/\.vmsn$/, ".vmem")}`;
}

function named(host: VmHost, vm: Vm, fileName: string): DatastoreFile {
  return namedFile(host.datastores, vm.vmxFile, fileName);
}
