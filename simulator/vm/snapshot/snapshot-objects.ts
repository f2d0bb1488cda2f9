/** Snapshots in the API, and their files. */
import type {
  ManagedObjectReference,
  VirtualMachineSnapshotInfo,
  VirtualMachineSnapshotTree,
} from "../../../schema/index.ts";
import { snapshotRef } from "../../core/ids.ts";
import type { ObjectRegistry } from "../../core/objects.ts";
import type { Vm } from "../vm.ts";
import { Vmx } from "../vmx.ts";
import { formatTree, NO_SNAPSHOTS, parseTree, type SnapshotTree } from "./tree.ts";

export function snapshotInfo(vm: Vm): VirtualMachineSnapshotInfo | undefined {
  const { current, list } = vm.snapshots;
  if (list.length === 0) return undefined;
  return {
    ...(current === undefined ? {} : { currentSnapshot: snapshotRef(vm, current) }),
    rootSnapshotList: children(vm, undefined),
  };
}

export function rootSnapshots(vm: Vm): ManagedObjectReference[] {
  return vm.snapshots.list.filter((one) => one.parent === undefined).map((one) => snapshotRef(vm, one.id));
}

function children(vm: Vm, parent: number | undefined): VirtualMachineSnapshotTree[] {
  return vm.snapshots.list
    .filter((one) => one.parent === parent)
    .map((one) => ({
      snapshot: snapshotRef(vm, one.id),
      vm: vm.ref,
      name: one.name,
      description: one.description,
      id: one.id,
      createTime: one.created.toISOString(),
      state: one.powerState,
      quiesced: one.quiesced,
      childSnapshotList: children(vm, one.id),
      replaySupported: false,
    }));
}

/** The content of the `.vmsd` beside the `.vmx`. No snapshots if it is not there. */
export async function readSnapshots(vm: Vm): Promise<SnapshotTree> {
  const { datastore, path } = vm.folder;
  const vmsd = await datastore.readFile(vmsdPath(vm)).catch(() => undefined);
  if (vmsd === undefined || vmsd.length === 0) return NO_SNAPSHOTS;
  return await parseTree(vmsd, async (file) =>
    Vmx.decode(await datastore.readFile(`${path}/${file}`).catch(() => Buffer.alloc(0))),
  );
}

/** Reads the names and descriptions from the `.vmsd` again. The set of snapshots does not change. */
export async function rereadSnapshots(objects: ObjectRegistry, vm: Vm): Promise<void> {
  const { list } = await readSnapshots(vm);
  const texts = new Map(list.map(({ id, name, description }) => [id, { name, description }]));
  vm.snapshots = {
    ...vm.snapshots,
    list: vm.snapshots.list.map((one) => ({ ...one, ...texts.get(one.id) })),
  };
  announceSnapshots(objects, vm);
}

/** Gives the VM another tree: on the datastore and in the inventory. */
export async function setSnapshots(objects: ObjectRegistry, vm: Vm, tree: SnapshotTree): Promise<void> {
  await vm.folder.datastore.writeFile(vmsdPath(vm), formatTree(tree));
  const gone = vm.snapshots.list.filter((one) => !tree.list.some(({ id }) => id === one.id));
  vm.snapshots = tree;
  for (const { id } of gone) objects.remove(snapshotRef(vm, id));
  announceSnapshots(objects, vm);
}

/** Shows the VM's snapshots in the inventory. */
export function announceSnapshots(objects: ObjectRegistry, vm: Vm): void {
  for (const { id } of vm.snapshots.list) {
    const ref = snapshotRef(vm, id);
    if (objects.find(ref.value)) continue;
    objects.add({
      ref,
      readers: {
        vm: () => vm.ref,
        config: () => {
          const kept = vm.snapshots.list.find((one) => one.id === id);
          return kept && vm.configOf(kept.vmx);
        },
        childSnapshot: () =>
          vm.snapshots.list.filter((one) => one.parent === id).map((one) => snapshotRef(vm, one.id)),
        value: () => [],
        availableField: () => [],
      },
    });
  }
  vm.changed("snapshot", "rootSnapshot");
}

export function forgetSnapshots(objects: ObjectRegistry, vm: Vm): void {
  for (const { id } of vm.snapshots.list) objects.remove(snapshotRef(vm, id));
}

function vmsdPath(vm: Vm): string {
  return `${vm.folder.path}/${vm.baseName}.vmsd`;
}
