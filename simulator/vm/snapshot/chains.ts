/** The chains of disks that a VM shares with its snapshots, and how a link of a chain is removed. */

import { fileFault } from "../../core/datastore-faults.ts";
import { type DatastoreFile, formatFile, namedFile, nameFrom, sameFile } from "../../datastore/file.ts";
import { chainFiles } from "../../disk/chain.ts";
import { mergeDelta, setParent } from "../../disk/delta.ts";
import { VimFault } from "../../soap/fault.ts";
import type { Vm } from "../vm.ts";
import type { VmHost } from "../vm-host.ts";
import type { Vmx } from "../vmx.ts";
import { redundantDisks } from "./redundant.ts";
import { snapshotSlots } from "./slots.ts";
import { setSnapshots } from "./snapshot-objects.ts";
import type { SnapshotTree } from "./tree.ts";

/** The owners of disks: the VM in its present state, and its snapshots. */
export interface Kept {
  readonly vmx: Vmx;
  readonly tree: SnapshotTree;
}

/** The disks of the VM and its snapshots. */
export function usersOf(host: VmHost, vm: Vm, { vmx, tree }: Kept): DatastoreFile[] {
  const current = snapshotSlots(vmx).map((slot) => fileOf(host, vm, vmx, slot));
  const frozen = tree.list.flatMap(({ disks }) => disks.map(({ fileName }) => named(host, vm, fileName)));
  return [...current, ...frozen].filter(
    (file, index, all) => all.findIndex((one) => sameFile(one, file)) === index,
  );
}

/** Which of these disks have that parent. */
export async function childrenOf(
  host: VmHost,
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

/**
 * Writes a disk into its parent. Nothing else may build on the parent. Everything that named the disk names the parent
 * then.
 *
 * @throws VimFault FileLocked if another VM runs on the parent
 */
export async function mergeChild(
  host: VmHost,
  vm: Vm,
  kept: Kept,
  child: DatastoreFile,
  parent: DatastoreFile,
): Promise<Kept> {
  checkUnshared(host, vm, parent);
  const grandchildren = await childrenOf(host, await allFiles(host, vm, kept), child);
  await mergeDelta(host.datastores, child);
  for (const one of grandchildren) await setParent(one, parent);
  const rename = (names: Vmx): Vmx => renamed(host, vm, names, child, parent);
  return {
    vmx: rename(kept.vmx),
    tree: {
      ...kept.tree,
      list: kept.tree.list.map((one) => ({
        ...one,
        vmx: rename(one.vmx),
        disks: one.disks.map((disk) =>
          sameFile(named(host, vm, disk.fileName), child)
            ? { ...disk, fileName: nameFrom(vm.vmxFile, parent) }
            : disk,
        ),
      })),
    },
  };
}

/** ConsolidateVMDisks_Task: merges every disk whose changes no snapshot needs separately. @throws VimFault */
export async function consolidate(host: VmHost, vm: Vm): Promise<void> {
  for (;;) {
    const kept: Kept = { vmx: vm.vmx.clone(), tree: vm.snapshots };
    const chains = await chainsOf(host, vm, kept);
    const [first] = redundantDisks(chains, vm.folder);
    if (first === undefined) return await vm.refresh();
    const merged = await mergeChild(host, vm, kept, first.child, first.parent).catch((error: unknown) =>
      Promise.reject(fileFault(error)),
    );
    await setSnapshots(host.objects, vm, merged.tree);
    await vm.commit(merged.vmx);
  }
}

export function fileOf(host: VmHost, vm: Vm, vmx: Vmx, slot: string): DatastoreFile {
  return named(host, vm, vmx.get(`${slot}.fileName`) ?? "");
}

async function chainsOf(host: VmHost, vm: Vm, kept: Kept): Promise<DatastoreFile[][]> {
  return await Promise.all(usersOf(host, vm, kept).map((file) => chainFiles(host.datastores, file)));
}

/** All links of all chains, each once. */
export async function allFiles(host: VmHost, vm: Vm, kept: Kept): Promise<DatastoreFile[]> {
  const all = (await chainsOf(host, vm, kept)).flat();
  return all.filter((file, index) => all.findIndex((one) => sameFile(one, file)) === index);
}

/** @throws VimFault FileLocked if another VM runs on a child of the disk */
function checkUnshared(host: VmHost, vm: Vm, file: DatastoreFile): void {
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

function renamed(host: VmHost, vm: Vm, vmx: Vmx, from: DatastoreFile, to: DatastoreFile): Vmx {
  const copy = vmx.clone();
  for (const slot of snapshotSlots(copy)) {
    if (sameFile(fileOf(host, vm, copy, slot), from)) copy.set(`${slot}.fileName`, nameFrom(vm.vmxFile, to));
  }
  return copy;
}

function named(host: VmHost, vm: Vm, fileName: string): DatastoreFile {
  return namedFile(host.datastores, vm.vmxFile, fileName);
}
