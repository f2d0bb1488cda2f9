/** ResourcePool, without imports: pools are read, made, changed, moved and removed. */
import type {
  ManagedObjectReference,
  ResourceConfigSpec,
  ResourcePoolResourceUsage,
  ResourcePoolRuntimeInfo,
} from "../../schema/index.ts";
import { MEMORY_BYTES, TOTAL } from "../core/cpu-and-memory.ts";
import * as ids from "../core/ids.ts";
import { entityReaders, type PropertyReaders, reference } from "../core/objects.ts";
import type { StoredAllocation } from "../core/stored.ts";
import { type Call, type Part, sessionOf } from "../handlers.ts";
import type { HostContext } from "../host-context.ts";
import { notSupported } from "../soap/fault.ts";
import type { Resource } from "./pool-allocation.ts";
import type { Pools } from "./pools.ts";

const MIB = 1024 ** 2;
const ROOT_NAME = "Resources";

export function resourcePools(pools: Pools): Part {
  return {
    objects: [{ ref: ids.ROOT_POOL, readers: poolReaders(pools, ids.ROOT_POOL.value) }],
    handlers: {
      CreateResourcePool: (call, { name, spec }) => pools.create(call.object.ref.value, name, spec),
      UpdateConfig: (call, { name, config }) => pools.update(call.object.ref.value, name, config),
      DestroyChildren: (call) => pools.destroyChildren(call.object.ref.value),
      MoveIntoResourcePool: (call, { list }) => pools.moveInto(call.object.ref.value, list),
    },
  };
}

/** Destroy_Task of a pool. */
export function destroyPool(
  host: Pick<HostContext, "tasks">,
  pools: Pools,
  call: Call,
): ManagedObjectReference {
  return poolTask(host, pools, call, "destroy", (id) => pools.destroy(id));
}

/** Rename_Task of a pool. */
export function renamePool(
  host: Pick<HostContext, "tasks">,
  pools: Pools,
  call: Call,
  name: string,
): ManagedObjectReference {
  return poolTask(host, pools, call, "rename", (id) => pools.update(id, name, undefined));
}

function poolTask(
  { tasks }: Pick<HostContext, "tasks">,
  pools: Pools,
  call: Call,
  operation: string,
  work: (id: string) => void,
): ManagedObjectReference {
  const { ref } = call.object;
  const pool = pools.find(ref.value);
  if (pool === undefined) throw notSupported();
  return tasks.start(
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

/** @param id of a pool, or of the root pool */
export function poolReaders(pools: Pools, id: string): PropertyReaders {
  const pool = () => pools.find(id);
  const name = (): string => pool()?.name ?? ROOT_NAME;
  const config = (): ResourceConfigSpec => ({
    entity: reference("ResourcePool", id),
    cpuAllocation: pool()?.cpu ?? whole(TOTAL.mhz),
    memoryAllocation: pool()?.memory ?? whole(TOTAL.megabytes),
  });
  const runtime = (): ResourcePoolRuntimeInfo => ({
    memory: usage(pools, id, "memory"),
    cpu: usage(pools, id, "cpu"),
    overallStatus: "green",
  });
  return {
    ...entityReaders(name, ids.COMPUTE_RESOURCE, {}),
    parent: () => parentOf(pools, id),
    summary: () => ({ $type: "ResourcePoolSummary", name: name(), config: config(), runtime: runtime() }),
    runtime,
    owner: () => ids.COMPUTE_RESOURCE,
    resourcePool: () => pools.children(id).map((one) => reference("ResourcePool", one.id)),
    vm: () => pools.vms(id),
    config,
    childConfiguration: () => [],
  };
}

function parentOf(pools: Pools, id: string) {
  const parent = pools.find(id)?.parent;
  return parent === undefined ? ids.COMPUTE_RESOURCE : reference("ResourcePool", parent);
}

/** The root pool has all resources of the host. */
function whole(amount: number): StoredAllocation {
  return {
    reservation: amount,
    expandableReservation: false,
    limit: amount,
    shares: { shares: 9000, level: "custom" },
  };
}

/** In MHz, or in bytes. */
function usage(pools: Pools, id: string, resource: Resource): ResourcePoolResourceUsage {
  const unit = resource === "cpu" ? 1 : MIB;
  const reserved = pools.reserved(id, resource);
  const limit = pools.find(id)?.[resource].limit ?? -1;
  const total = resource === "cpu" ? TOTAL.mhz : MEMORY_BYTES;
  const unreserved = Math.max(0, pools.unreserved(id, resource)) * unit;
  return {
    reservationUsed: (reserved.pools + reserved.vms) * unit,
    reservationUsedForVm: reserved.vms * unit,
    unreservedForPool: unreserved,
    unreservedForVm: unreserved,
    overallUsage: 0,
    maxUsage: limit < 0 ? total : limit * unit,
  };
}
