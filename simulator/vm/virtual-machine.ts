/** Methods of VirtualMachine. */
import type { ManagedObjectReference } from "../../schema/index.ts";
import { fileFault } from "../core/datastore-faults.ts";
import type { Call, Handlers, Part } from "../handlers.ts";
import { destroyPool, renamePool } from "../pools/resource-pool.ts";
import { notSupported, taskInProgress } from "../soap/fault.ts";
import { storedName } from "./identity/names.ts";
import { invalidPowerState } from "./power/power-state.ts";
import { answerQuestion } from "./power/questions.ts";
import { reconfigure } from "./reconfigure.ts";
import { rereadSnapshots } from "./snapshot/snapshot-objects.ts";
import { upgradeHardware } from "./upgrade.ts";
import type { Vm } from "./vm.ts";
import type { VmHost } from "./vm-host.ts";
import { startVmTask, vmOf } from "./vm-task.ts";

export function virtualMachines(host: VmHost): Part {
  const { vms, power, pools } = host;

  const vmTask = (
    call: Call,
    operation: string,
    work: (vm: Vm) => Promise<unknown>,
  ): ManagedObjectReference => startVmTask(host.tasks, call, vmOf(vms, call), operation, work);

  const handlers: Handlers = {
    ReconfigVM_Task: (call, { spec }) => vmTask(call, "reconfigure", (vm) => reconfigure(host, vm, spec)),

    UpgradeVM_Task: (call, { version }) =>
      vmTask(call, "upgradeVirtualHardware", (vm) => upgradeHardware(vm, version, host.options.apiVersion)),

    Rename_Task(call, { newName }) {
      if (call.object.ref.type === "ResourcePool") return renamePool(host, pools, call, newName);
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
      if (call.object.ref.type === "ResourcePool") return destroyPool(host, pools, call);
      if (call.object.ref.type !== "VirtualMachine") throw notSupported();
      return vmTask(call, "destroy", async (vm) => {
        if (vm.powerState !== "poweredOff") throw invalidPowerState(vm, "poweredOff");
        await vms.destroy(vm);
      });
    },

    UnregisterVM(call) {
      const vm = vmOf(vms, call);
      if (vm.lockedBy) throw taskInProgress(vm.lockedBy);
      if (vm.powerState === "poweredOn") throw invalidPowerState(vm, "poweredOff");
      vms.unregister(vm);
    },

    async Reload(call) {
      if (call.object.ref.type !== "VirtualMachine") return;
      const vm = vmOf(vms, call);
      if (vm.powerState === "poweredOn") await vm.refresh();
      else {
        await vm.reload().catch((error: unknown) => Promise.reject(fileFault(error)));
        await rereadSnapshots(host.objects, vm);
      }
    },

    AnswerVM: (call, { questionId, answerChoice }) =>
      answerQuestion(vmOf(vms, call), questionId, answerChoice),

    PowerOnVM_Task: (call) => vmTask(call, "powerOn", (vm) => power.powerOn(vm)),
    PowerOffVM_Task: (call) => vmTask(call, "powerOff", async (vm) => power.powerOff(vm)),
    SuspendVM_Task: (call) => vmTask(call, "suspend", async (vm) => power.suspend(vm)),
    ResetVM_Task: (call) => vmTask(call, "reset", async (vm) => power.reset(vm)),
    ShutdownGuest: (call) => power.shutdownGuest(vmOf(vms, call)),
    RebootGuest: (call) => power.rebootGuest(vmOf(vms, call)),
    StandbyGuest: (call) => power.standbyGuest(vmOf(vms, call)),

    CloneVM_Task: () => refuse(),
    RelocateVM_Task: () => refuse(),
    MarkAsTemplate: () => refuse(),
  };
  return { handlers };
}

/** Only vCenter supports these methods, whatever the licence. */
function refuse(): never {
  throw notSupported();
}
