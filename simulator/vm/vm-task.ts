/** Tasks of one VM. Each task locks the VM until it ends. */
import type { ManagedObjectReference } from "../../schema/index.ts";
import { type Call, sessionOf } from "../handlers.ts";
import { managedObjectNotFound, taskInProgress } from "../soap/fault.ts";
import type { TaskControl, Tasks } from "../task/tasks.ts";
import { checkReadable } from "./unreadable.ts";
import type { Vm } from "./vm.ts";
import type { Vms } from "./vms.ts";

/** The VM that a call is about. @throws VimFault ManagedObjectNotFound */
export function vmOf(vms: Vms, { object: { ref } }: Call): Vm {
  const vm = vms.find(ref.value);
  if (vm === undefined) throw managedObjectNotFound(ref);
  return vm;
}

/**
 * Starts a task that locks the VM.
 *
 * @param operation for example `powerOn`
 * @throws VimFault InvalidState, TaskInProgress
 */
export function startVmTask(
  tasks: Tasks,
  call: Call,
  vm: Vm,
  operation: string,
  work: (vm: Vm, task: TaskControl) => Promise<unknown>,
): ManagedObjectReference {
  checkReadable(vm);
  if (vm.lockedBy) throw taskInProgress(vm.lockedBy);
  const task = tasks.start(
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
}
