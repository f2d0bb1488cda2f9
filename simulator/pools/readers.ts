/** A resource pool as the API shows it. */
import type {
  ResourceConfigSpec,
  ResourcePoolResourceUsage,
  ResourcePoolRuntimeInfo,
} from "../../schema/index.ts";
import { MEMORY_BYTES, TOTAL } from "../core/hardware.ts";
import * as ids from "../core/ids.ts";
import { entityReaders, type PropertyReaders, reference } from "../core/objects.ts";
import type { Host } from "../host/host.ts";
import type { Allocation, Resource } from "./allocation.ts";

const MIB = 1024 ** 2;
const ROOT_NAME = "Resources";

/** @param id of a pool, or of the root pool */
export function poolReaders(host: Host, id: string): PropertyReaders {
  const pool = () => host.pools.find(id);
  const name = (): string => pool()?.name ?? ROOT_NAME;
  const config = (): ResourceConfigSpec => ({
    entity: reference("ResourcePool", id),
    cpuAllocation: pool()?.cpu ?? whole(TOTAL.mhz),
    memoryAllocation: pool()?.memory ?? whole(TOTAL.megabytes),
  });
  const runtime = (): ResourcePoolRuntimeInfo => ({
    memory: usage(host, id, "memory"),
    cpu: usage(host, id, "cpu"),
    overallStatus: "green",
  });
  return {
    ...entityReaders(name, ids.COMPUTE_RESOURCE, {}),
    parent: () => parentOf(host, id),
    summary: () => ({ $type: "ResourcePoolSummary", name: name(), config: config(), runtime: runtime() }),
    runtime,
    owner: () => ids.COMPUTE_RESOURCE,
    resourcePool: () => host.pools.children(id).map((one) => reference("ResourcePool", one.id)),
    vm: () => host.pools.vms(id),
    config,
    childConfiguration: () => [],
  };
}

function parentOf(host: Host, id: string) {
  const parent = host.pools.find(id)?.parent;
  return parent === undefined ? ids.COMPUTE_RESOURCE : reference("ResourcePool", parent);
}

/** The root pool has everything. */
function whole(amount: number): Allocation {
  return {
    reservation: amount,
    expandableReservation: false,
    limit: amount,
    shares: { shares: 9000, level: "custom" },
  };
}

/** In MHz, or in bytes. */
function usage(host: Host, id: string, resource: Resource): ResourcePoolResourceUsage {
  const unit = resource === "cpu" ? 1 : MIB;
  const { pools, vms } = host.pools.reserved(id, resource);
  const limit = host.pools.find(id)?.[resource].limit ?? -1;
  const total = resource === "cpu" ? TOTAL.mhz : MEMORY_BYTES;
  const unreserved = Math.max(0, host.pools.unreserved(id, resource)) * unit;
  return {
    reservationUsed: (pools + vms) * unit,
    reservationUsedForVm: vms * unit,
    unreservedForPool: unreserved,
    unreservedForVm: unreserved,
    overallUsage: 0,
    maxUsage: limit < 0 ? total : limit * unit,
  };
}
