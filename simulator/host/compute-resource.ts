/** ComputeResource: the whole host's resources. */

import type { ComputeResourceSummary } from "../../schema/index.ts";
import { CPU, MEMORY_BYTES, TOTAL } from "../core/cpu-and-memory.ts";
import * as ids from "../core/ids.ts";
import { entity } from "../core/objects.ts";
import type { Part } from "../handlers.ts";
import { datastoreRefs, type HostContext, networkRefs } from "../host-context.ts";

export function computeResource(host: HostContext): Part {
  return {
    objects: [
      entity(ids.COMPUTE_RESOURCE, "localhost.localdomain", ids.HOST_FOLDER, {
        resourcePool: () => ids.ROOT_POOL,
        host: () => [ids.HOST],
        datastore: () => datastoreRefs(host),
        network: () => networkRefs(host),
        summary,
        environmentBrowser: () => ids.ENVIRONMENT_BROWSER,
        configurationEx: () => ({ $type: "ComputeResourceConfigInfo", vmSwapPlacement: "vmDirectory" }),
      }),
    ],
  };
}

function summary(): ComputeResourceSummary {
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
