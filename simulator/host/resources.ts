/** What the host has to give: CPU and memory, and the root pool that hands them out. */
import type {
  ComputeResourceSummary,
  ResourceConfigSpec,
  ResourcePoolRuntimeInfo,
} from "../../schema/index.ts";
import type { Host } from "./host.ts";
import * as ids from "./ids.ts";
import type { PropertyReaders } from "./objects.ts";

export const CPU = {
  model: "Intel(R) Xeon(R) Gold 6130 CPU @ 2.10GHz",
  mhz: 2095,
  packages: 2,
  cores: 32,
  threads: 64,
};
export const MEMORY_BYTES = 256 * 1024 ** 3;

const totalMhz = CPU.mhz * CPU.cores;

export function computeSummary(): ComputeResourceSummary {
  return {
    totalCpu: totalMhz,
    totalMemory: MEMORY_BYTES,
    numCpuCores: CPU.cores,
    numCpuThreads: CPU.threads,
    effectiveCpu: totalMhz,
    effectiveMemory: Math.floor(MEMORY_BYTES / 1024 ** 2),
    numHosts: 1,
    numEffectiveHosts: 1,
    overallStatus: "green",
  };
}

function usage(maxUsage: number): ResourcePoolRuntimeInfo["cpu"] {
  return {
    reservationUsed: 0,
    reservationUsedForVm: 0,
    unreservedForPool: maxUsage,
    unreservedForVm: maxUsage,
    overallUsage: 0,
    maxUsage,
  };
}

function allocation(limit: number): ResourceConfigSpec["cpuAllocation"] {
  return {
    reservation: limit,
    expandableReservation: false,
    limit,
    shares: { shares: 9000, level: "custom" },
  };
}

function poolConfig(): ResourceConfigSpec {
  return {
    entity: ids.ROOT_POOL,
    cpuAllocation: allocation(totalMhz),
    memoryAllocation: allocation(Math.floor(MEMORY_BYTES / 1024 ** 2)),
  };
}

function poolRuntime(): ResourcePoolRuntimeInfo {
  return { memory: usage(MEMORY_BYTES), cpu: usage(totalMhz), overallStatus: "green" };
}

export function poolReaders(host: Host): PropertyReaders {
  return {
    summary: () => ({
      $type: "ResourcePoolSummary",
      name: "Resources",
      config: poolConfig(),
      runtime: poolRuntime(),
    }),
    runtime: poolRuntime,
    owner: () => ids.COMPUTE_RESOURCE,
    resourcePool: () => [],
    vm: () => host.vms.references(),
    config: poolConfig,
    childConfiguration: () => [],
  };
}
