/** Methods of virtual machines, and those of the folder that make them. */
import type { ManagedObjectReference } from "../../schema/index.ts";
import { fileFault } from "../core/datastore-faults.ts";
import * as ids from "../core/ids.ts";
import type { Host } from "../host/host.ts";
import { destroyPool, renamePool } from "../pools/methods.ts";
import { managedObjectNotFound, notSupported, taskInProgress, VimFault } from "../soap/fault.ts";
import { type Call, type Handlers, sessionOf } from "../soap/handlers.ts";
import type { TaskControl } from "../task/tasks.ts";
import { storedName } from "./identity/names.ts";
import { invalidPowerState } from "./power/power-state.ts";
import { answerQuestion } from "./power/questions.ts";
import { reconfigure } from "./reconfigure.ts";
import { consolidate } from "./snapshot/chains.ts";
import { findSnapshot, setSnapshots, snapshotRef } from "./snapshot/objects.ts";
import { createSnapshot, removeSnapshot, revertToSnapshot, snapshotName } from "./snapshot/operations.ts";
import type { Snapshot } from "./snapshot/tree.ts";
import { checkReadable } from "./unreadable.ts";
import { upgradeHardware } from "./upgrade.ts";
import type { Vm } from "./vm.ts";

export function vmHandlers(host: Host): Handlers {
  const { vms, power } = host;

  const vmOf = (call: Call): Vm => {
    const vm = vms.find(call.object.ref.value);
    if (vm === undefined) throw managedObjectNotFound(call.object.ref);
    return vm;
  };

  const snapshotOf = (call: Call): { vm: Vm; snapshot: Snapshot } => {
    const found = findSnapshot(host, call.object.ref);
    if (found === undefined) throw managedObjectNotFound(call.object.ref);
    checkReadable(found.vm);
    return found;
  };

  /** A task that holds the VM until it ends. */
  const vmTask = (
    call: Call,
    operation: string,
    work: (vm: Vm, task: TaskControl) => Promise<unknown>,
    vm = vmOf(call),
  ): ManagedObjectReference => {
    checkReadable(vm);
    if (vm.lockedBy) throw taskInProgress(vm.lockedBy);
    const task = host.tasks.start(
      {
        method: call.method,
        operation: `vim.VirtualMachine.${operation}`,
        entity: vm.ref,
        entityName: vm.name,
        userName: sessionOf(call).userName,
        rule: call.taskRule,
      },
      async (control) => await work(vm, control),
      () => {
        vm.lockedBy = undefined;
        vm.changed("disabledMethod");
      },
    );
    vm.lockedBy = task;
    return task;
  };

  const folderTask = (
    call: Call,
    operation: string,
    entityName: string,
    work: () => Promise<unknown>,
  ): ManagedObjectReference =>
    host.tasks.start(
      {
        method: call.method,
        operation: `vim.Folder.${operation}`,
        entity: call.object.ref,
        entityName,
        userName: sessionOf(call).userName,
        rule: call.taskRule,
      },
      work,
    );

  const checkPlacement = (
    pool: ManagedObjectReference | undefined,
    on: ManagedObjectReference | undefined,
  ): void => {
    if (pool) host.pools.check(pool);
    if (on && on.value !== ids.HOST.value) throw managedObjectNotFound(on);
  };

  return {
    CreateVM_Task(call, { config, pool, host: on }) {
      checkPlacement(pool, on);
      if (call.object.ref.value !== ids.VM_FOLDER.value) throw notSupported();
      return folderTask(call, "createVm", config.name ?? "", async () => {
        const { ref } = (await vms.create(config)).vm;
        host.pools.put(ref, pool);
        return ref;
      });
    },

    RegisterVM_Task(call, { path, name, asTemplate, pool, host: on }) {
      checkPlacement(pool, on);
      if (asTemplate || call.object.ref.value !== ids.VM_FOLDER.value) throw notSupported();
      return folderTask(call, "registerVm", name ?? path, async () => {
        const { ref } = await vms.register(path, name);
        if (pool) host.pools.put(ref, pool);
        return ref;
      });
    },

    ReconfigVM_Task: (call, { spec }) => vmTask(call, "reconfigure", (vm) => reconfigure(host, vm, spec)),

    UpgradeVM_Task: (call, { version }) =>
      vmTask(call, "upgradeVirtualHardware", (vm) => upgradeHardware(vm, version, host.options.apiVersion)),

    Rename_Task(call, { newName }) {
      if (call.object.ref.type === "ResourcePool") return renamePool(host, call, newName);
      if (call.object.ref.type !== "VirtualMachine") throw notSupported();
      return vmTask(call, "rename", async (vm) => {
        const name = storedName(newName);
        if (name === vm.name) return;
        vms.checkName(name);
        const vmx = vm.vmx.clone();
        vmx.set("displayName", name);
        await vm.commit(vmx);
      });
    },

    Destroy_Task(call) {
      if (call.object.ref.type === "ResourcePool") return destroyPool(host, call);
      if (call.object.ref.type !== "VirtualMachine") throw notSupported();
      return vmTask(call, "destroy", async (vm) => {
        if (vm.powerState !== "poweredOff") throw invalidPowerState(vm, "poweredOff");
        await vms.destroy(vm);
      });
    },

    UnregisterVM(call) {
      const vm = vmOf(call);
      if (vm.lockedBy) throw taskInProgress(vm.lockedBy);
      if (vm.powerState === "poweredOn") throw invalidPowerState(vm, "poweredOff");
      vms.unregister(vm);
    },

    async Reload(call) {
      if (call.object.ref.type !== "VirtualMachine") return;
      const vm = vmOf(call);
      if (vm.powerState === "poweredOn") await vm.refresh();
      else await vm.reload().catch((error: unknown) => Promise.reject(fileFault(error)));
    },

    AnswerVM: (call, { questionId, answerChoice }) => answerQuestion(vmOf(call), questionId, answerChoice),

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

    RemoveSnapshot_Task(call, { removeChildren, consolidate: merges }) {
      const { vm, snapshot } = snapshotOf(call);
      const removal = { withChildren: removeChildren, consolidate: merges ?? true };
      return vmTask(call, "Snapshot.remove", () => removeSnapshot(host, vm, snapshot.id, removal), vm);
    },

    RevertToSnapshot_Task(call, { suppressPowerOn }) {
      const { vm, snapshot } = snapshotOf(call);
      const suppress = suppressPowerOn ?? false;
      return vmTask(call, "Snapshot.revert", () => revertToSnapshot(host, vm, snapshot, suppress), vm);
    },

    async RenameSnapshot(call, { name, description }) {
      const { vm, snapshot } = snapshotOf(call);
      const renamed = {
        ...snapshot,
        name: name === undefined ? snapshot.name : snapshotName(name),
        description: description ?? snapshot.description,
      };
      const list = vm.snapshots.list.map((one) => (one.id === snapshot.id ? renamed : one));
      await setSnapshots(host, vm, { ...vm.snapshots, list });
    },

    ConsolidateVMDisks_Task: (call) => vmTask(call, "consolidateDisks", (vm) => consolidate(host, vm)),

    PowerOnVM_Task: (call) => vmTask(call, "powerOn", (vm) => power.powerOn(vm)),
    PowerOffVM_Task: (call) => vmTask(call, "powerOff", async (vm) => power.powerOff(vm)),
    SuspendVM_Task: (call) => vmTask(call, "suspend", async (vm) => power.suspend(vm)),
    ResetVM_Task: (call) => vmTask(call, "reset", async (vm) => power.reset(vm)),
    ShutdownGuest: (call) => power.shutdownGuest(vmOf(call)),
    RebootGuest: (call) => power.rebootGuest(vmOf(call)),
    StandbyGuest: (call) => power.standbyGuest(vmOf(call)),

    CloneVM_Task: () => refuse(),
    RelocateVM_Task: () => refuse(),
    MarkAsTemplate: () => refuse(),
  };
}

/** Only vCenter does these, whatever the licence. */
function refuse(): never {
  throw notSupported();
}
