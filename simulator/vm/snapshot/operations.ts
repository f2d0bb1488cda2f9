/** Making, removing and going back to snapshots: what happens to the chains of disks. */
import { type DatastoreFile, formatFile, namedFile, nameFrom, sameFile } from "../../datastore/file.ts";
import { baseName } from "../../datastore/path.ts";
import { fileFault } from "../../datastore-faults.ts";
import { chainFiles } from "../../disk/chain.ts";
import { createDelta, mergeDelta, setParent } from "../../disk/delta.ts";
import { deleteDisk, readDescriptor } from "../../disk/disk.ts";
import type { Host } from "../../host/host.ts";
import { VimFault } from "../../soap/fault.ts";
import { slotName, usedSlots } from "../device/bus.ts";
import { isDisk } from "../device/disk.ts";
import type { Vm } from "../vm.ts";
import type { Vmx } from "../vmx.ts";
import { setSnapshots } from "./objects.ts";
import { type Snapshot, type SnapshotTree, withDescendants } from "./tree.ts";

export interface SnapshotWish {
  readonly name: string;
  readonly description: string;
  readonly memory: boolean;
  readonly quiesce: boolean;
}

/** Freezes the VM's disks, and puts a delta disk on top of each. @throws VimFault */
export async function createSnapshot(host: Host, vm: Vm, wish: SnapshotWish): Promise<Snapshot> {
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
    name: wish.name,
    description: wish.description,
    created: new Date(),
    parent: tree.current,
    powerState: wish.memory && vm.powerState === "poweredOn" ? "poweredOn" : "poweredOff",
    quiesced: wish.quiesce && vm.powerState === "poweredOn",
    disks: slots.map((slot) => ({ slot, fileName: before.get(`${slot}.fileName`) ?? "" })),
    file: `${vm.baseName}-Snapshot${id}.vmsn`,
    vmx: before,
  };
  await vm.folder.datastore.writeFile(`${vm.folder.path}/${snapshot.file}`, before.format());
  await setSnapshots(host, vm, { current: id, lastId: id, list: [...tree.list, snapshot] });
  await vm.commit(vmx);
  return snapshot;
}

/** Removes a snapshot; what was changed after it goes into its disks. @throws VimFault */
export async function removeSnapshot(host: Host, vm: Vm, id: number, withChildren: boolean): Promise<void> {
  const doomed = withChildren ? withDescendants(vm.snapshots, id).reverse() : [id];
  for (const one of doomed) await removeOne(host, vm, one).catch((error: unknown) => rethrow(error));
  await vm.refresh();
}

/** Makes the VM as it was; what was changed since then is lost. @throws VimFault */
export async function revertToSnapshot(
  host: Host,
  vm: Vm,
  snapshot: Snapshot,
  suppressPowerOn: boolean,
): Promise<void> {
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
  await setSnapshots(host, vm, { ...vm.snapshots, current: snapshot.id });
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

/** Disks that snapshots freeze: not the independent ones. */
function snapshotSlots(vmx: Vmx): string[] {
  return usedSlots(vmx)
    .filter((slot) => isDisk(vmx, slot))
    .map(slotName)
    .filter((slot) => !/^independent/.test(vmx.get(`${slot}.mode`) ?? ""));
}

/** Makes a new delta disk of `parent` the one of a slot. */
async function putDelta(
  host: Host,
  vm: Vm,
  vmx: Vmx,
  slot: string,
  parent: DatastoreFile,
): Promise<DatastoreFile> {
  const stem = baseName(parent.path).replace(/(-\d{6})?\.vmdk$/, "");
  const { datastore, path: folder } = vm.folder;
  for (let number = 1; ; number++) {
    const file = { datastore, path: `${folder}/${stem}-${String(number).padStart(6, "0")}.vmdk` };
    if (await datastore.exists(file.path)) continue;
    await createDelta(host.datastores, file, parent);
    vmx.set(`${slot}.fileName`, nameFrom(vm.vmxFile, file));
    return file;
  }
}

async function removeOne(host: Host, vm: Vm, id: number): Promise<void> {
  const snapshot = vm.snapshots.list.find((one) => one.id === id);
  if (snapshot === undefined) return;
  let tree: SnapshotTree = {
    ...vm.snapshots,
    current: vm.snapshots.current === id ? snapshot.parent : vm.snapshots.current,
    list: vm.snapshots.list
      .filter((one) => one.id !== id)
      .map((one) => (one.parent === id ? { ...one, parent: snapshot.parent } : one)),
  };
  let vmx = vm.vmx.clone();
  for (const { fileName } of snapshot.disks) {
    const frozen = named(host, vm, fileName);
    const users = usersOf(host, vm, tree, vmx);
    if (users.some((one) => sameFile(one, frozen))) continue;
    const above = await childrenOf(host, users, frozen);
    const [only, ...others] = above;
    if (only === undefined) {
      const { parentFile } = await readDescriptor(frozen.datastore, frozen.path);
      if (parentFile !== undefined) await deleteDisk(frozen.datastore, frozen.path);
    } else if (others.length === 0) {
      checkUnshared(host, vm, frozen);
      const grandchildren = await childrenOf(host, users, only);
      await mergeDelta(host.datastores, only);
      for (const one of grandchildren) await setParent(one, frozen);
      const rename = (names: Vmx): Vmx => renamed(host, vm, names, only, frozen);
      vmx = rename(vmx);
      tree = {
        ...tree,
        list: tree.list.map((one) => ({
          ...one,
          vmx: rename(one.vmx),
          disks: one.disks.map((disk) =>
            sameFile(named(host, vm, disk.fileName), only)
              ? { ...disk, fileName: nameFrom(vm.vmxFile, frozen) }
              : disk,
          ),
        })),
      };
    }
  }
  await setSnapshots(host, vm, tree);
  await vm.commit(vmx);
  await vm.folder.datastore.remove(`${vm.folder.path}/${snapshot.file}`).catch(() => undefined);
}

/** Disks that the VM and the snapshots of a tree name. */
function usersOf(host: Host, vm: Vm, tree: SnapshotTree, vmx: Vmx): DatastoreFile[] {
  const current = snapshotSlots(vmx).map((slot) => fileOf(host, vm, vmx, slot));
  const frozen = tree.list.flatMap(({ disks }) => disks.map(({ fileName }) => named(host, vm, fileName)));
  return [...current, ...frozen].filter(
    (file, index, all) => all.findIndex((one) => sameFile(one, file)) === index,
  );
}

/** Which of these disks have that parent. */
async function childrenOf(
  host: Host,
  files: readonly DatastoreFile[],
  parent: DatastoreFile,
): Promise<DatastoreFile[]> {
  const found: DatastoreFile[] = [];
  for (const file of files) {
    const [, own] = await chainFiles(host.datastores, file);
    if (own && sameFile(own, parent)) found.push(file);
  }
  return found;
}

/** @throws VimFault FileLocked if another VM runs on a child of the disk */
function checkUnshared(host: Host, vm: Vm, file: DatastoreFile): void {
  const held = host.vms
    .list()
    .some(
      (other) =>
        other !== vm &&
        other.powerState === "poweredOn" &&
        [...other.ownDisks, ...other.parentDisks].some((one) => sameFile(one, file)),
    );
  if (!held) return;
  const path = formatFile(file);
  throw new VimFault("FileLocked", `Unable to access file ${path} since it is locked`, { file: path });
}

function renamed(host: Host, vm: Vm, vmx: Vmx, from: DatastoreFile, to: DatastoreFile): Vmx {
  const copy = vmx.clone();
  for (const slot of snapshotSlots(copy)) {
    if (sameFile(fileOf(host, vm, copy, slot), from)) copy.set(`${slot}.fileName`, nameFrom(vm.vmxFile, to));
  }
  return copy;
}

function fileOf(host: Host, vm: Vm, vmx: Vmx, slot: string): DatastoreFile {
  return named(host, vm, vmx.get(`${slot}.fileName`) ?? "");
}

function named(host: Host, vm: Vm, fileName: string): DatastoreFile {
  return namedFile(host.datastores, vm.vmxFile, fileName);
}

function rethrow(error: unknown): never {
  throw fileFault(error);
}
