/** The host's compute resource: what all of it has. */
import type { ComputeResourceSummary } from "../../schema/index.ts";
import { CPU, MEMORY_BYTES, TOTAL } from "../core/hardware.ts";

export function computeSummary(): ComputeResourceSummary {
  return {
    totalCpu: TOTAL.mhz,
    totalMemory: MEMORY_BYTES,
    numCpuCores: CPU.cores,
    numCpuThreads: CPU.threads,
    effectiveCpu: TOTAL.mhz,
    effectiveMemory: TOTAL.megabytes,
    numHosts: 1,
    numEffectiveHosts: 1,
    overallStatus: "green",
  };
}
