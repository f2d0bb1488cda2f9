/** ResourcePool, importing aside: pools are made, changed, moved into each other and removed. */
import type { ManagedObjectReference } from "../../schema/index.ts";
import type { Host } from "../host/host.ts";
import { notSupported } from "../soap/fault.ts";
import { type Call, type Handlers, sessionOf } from "../soap/handlers.ts";

export function poolHandlers({ pools }: Host): Handlers {
  return {
    CreateResourcePool: (call, { name, spec }) => pools.create(call.object.ref.value, name, spec),
    UpdateConfig: (call, { name, config }) => pools.update(call.object.ref.value, name, config),
    DestroyChildren: (call) => pools.destroyChildren(call.object.ref.value),
    MoveIntoResourcePool: (call, { list }) => pools.moveInto(call.object.ref.value, list),
  };
}

/** Destroy_Task of a pool. */
export function destroyPool(host: Host, call: Call): ManagedObjectReference {
  return poolTask(host, call, "destroy", (id) => host.pools.destroy(id));
}

/** Rename_Task of a pool. */
export function renamePool(host: Host, call: Call, name: string): ManagedObjectReference {
  return poolTask(host, call, "rename", (id) => host.pools.update(id, name, undefined));
}

function poolTask(
  host: Host,
  call: Call,
  operation: string,
  work: (id: string) => void,
): ManagedObjectReference {
  const { ref } = call.object;
  const pool = host.pools.find(ref.value);
  if (pool === undefined) throw notSupported();
  return host.tasks.start(
    {
      method: call.method,
      operation: `vim.ResourcePool.${operation}`,
      entity: ref,
      entityName: pool.name,
      userName: sessionOf(call).userName,
      rule: call.taskRule,
    },
    async () => work(ref.value),
  );
}
