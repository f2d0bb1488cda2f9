/** Methods of the folder of VMs that make or register a VM. */
import type { ManagedObjectReference } from "../../schema/index.ts";
import * as ids from "../core/ids.ts";
import { type Call, type Handlers, type Part, sessionOf } from "../handlers.ts";
import { managedObjectNotFound, notSupported } from "../soap/fault.ts";
import type { VmHost } from "./vm-host.ts";

export function vmFolder({ tasks, pools, vms }: VmHost): Part {
  const folderTask = (
    call: Call,
    operation: string,
    entityName: string,
    work: () => Promise<unknown>,
  ): ManagedObjectReference =>
    tasks.start(
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
    if (pool) pools.check(pool);
    if (on && on.value !== ids.HOST.value) throw managedObjectNotFound(on);
  };

  const handlers: Handlers = {
    CreateVM_Task(call, { config, pool, host: on }) {
      checkPlacement(pool, on);
      if (call.object.ref.value !== ids.VM_FOLDER.value) throw notSupported();
      return folderTask(call, "createVm", config.name ?? "", async () => {
        const { ref } = (await vms.create(config)).vm;
        pools.put(ref, pool);
        return ref;
      });
    },

    RegisterVM_Task(call, { path, name, asTemplate, pool, host: on }) {
      checkPlacement(pool, on);
      if (asTemplate || call.object.ref.value !== ids.VM_FOLDER.value) throw notSupported();
      return folderTask(call, "registerVm", name ?? path, async () => {
        const { ref } = await vms.register(path, name);
        if (pool) pools.put(ref, pool);
        return ref;
      });
    },
  };
  return { handlers };
}
