/** Methods of VirtualMachineSnapshot, and methods of a VM that create, remove and revert to snapshots. */
import type { ManagedObjectReference } from "../../../schema/index.ts";
import { snapshotRef } from "../../core/ids.ts";
import type { Call, Handlers, Part } from "../../handlers.ts";
import { managedObjectNotFound, VimFault } from "../../soap/fault.ts";
import { checkReadable } from "../unreadable.ts";
import type { Vm } from "../vm.ts";
import type { VmHost } from "../vm-host.ts";
import { startVmTask, vmOf } from "../vm-task.ts";
import type { Vms } from "../vms.ts";
import { consolidate } from "./chains.ts";
import { createSnapshot, removeSnapshot, revertToSnapshot, snapshotName } from "./operations.ts";
import { setSnapshots } from "./snapshot-objects.ts";
import type { Snapshot } from "./tree.ts";

export function snapshots(host: VmHost): Part {
  const vmTask = (
    call: Call,
    operation: string,
    work: (vm: Vm) => Promise<unknown>,
    vm = vmOf(host.vms, call),
  ): ManagedObjectReference => startVmTask(host.tasks, call, vm, operation, work);

  const handlers: Handlers = {
    CreateSnapshot_Task: (call, { name, description, memory, quiesce }) =>
      vmTask(call, "createSnapshot", async (vm) => {
        const wish = { name, description: description ?? "", memory, quiesce };
        return snapshotRef(vm, (await createSnapshot(host, vm, wish)).id);
      }),

    RemoveAllSnapshots_Task: (call, { consolidate: merges }) =>
      vmTask(call, "removeAllSnapshots", async (vm) => {
        const removal = { withChildren: true, consolidate: merges ?? true };
        for (const { id, parent } of [...vm.snapshots.list])
          if (parent === undefined) await removeSnapshot(host, vm, id, removal);
      }),

    RevertToCurrentSnapshot_Task: (call, { suppressPowerOn }) =>
      vmTask(call, "revertToCurrentSnapshot", async (vm) => {
        const current = vm.snapshots.list.find((one) => one.id === vm.snapshots.current);
        if (current === undefined)
          throw new VimFault("NotFound", "The object or item referred to could not be found.");
        await revertToSnapshot(host, vm, current, suppressPowerOn ?? false);
      }),

    ConsolidateVMDisks_Task: (call) => vmTask(call, "consolidateDisks", (vm) => consolidate(host, vm)),

    RemoveSnapshot_Task(call, { removeChildren, consolidate: merges }) {
      const { vm, snapshot } = snapshotOf(host.vms, call);
      const removal = { withChildren: removeChildren, consolidate: merges ?? true };
      return vmTask(call, "Snapshot.remove", () => removeSnapshot(host, vm, snapshot.id, removal), vm);
    },

    RevertToSnapshot_Task(call, { suppressPowerOn }) {
      const { vm, snapshot } = snapshotOf(host.vms, call);
      const suppress = suppressPowerOn ?? false;
      return vmTask(call, "Snapshot.revert", () => revertToSnapshot(host, vm, snapshot, suppress), vm);
    },

    async RenameSnapshot(call, { name, description }) {
      const { vm, snapshot } = snapshotOf(host.vms, call);
      const renamed = {
        ...snapshot,
        name: name === undefined ? snapshot.name : snapshotName(name),
        description: description ?? snapshot.description,
      };
      const list = vm.snapshots.list.map((one) => (one.id === snapshot.id ? renamed : one));
      await setSnapshots(host.objects, vm, { ...vm.snapshots, list });
    },
  };
  return { handlers };
}

/** The snapshot of a call. @throws VimFault ManagedObjectNotFound, InvalidState */
function snapshotOf(vms: Vms, { object: { ref } }: Call): { vm: Vm; snapshot: Snapshot } {
  const [, moid = "", id = ""] = /^(\d+)-snapshot-(\d+)$/.exec(ref.value) ?? [];
  const vm = vms.find(moid);
  const snapshot = vm?.snapshots.list.find((one) => one.id === Number(id));
  if (vm === undefined || snapshot === undefined) throw managedObjectNotFound(ref);
  checkReadable(vm);
  return { vm, snapshot };
}
