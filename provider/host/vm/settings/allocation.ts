import type {
  ResourceAllocationInfo,
  SharesLevel,
  VirtualMachineConfigSpec,
} from "../../../../schema/index.ts";
import type { ObservedVm } from "../reading/observed-vm.ts";
import type { Facet } from "./facet.ts";
import { scalarFacet } from "./scalar-facet.ts";

/** How much of a contended resource a machine gets: a level that grows with the machine, or a count of its own. */
export const SHARE_LEVELS = ["low", "normal", "high", "custom"] as const satisfies readonly SharesLevel[];

/** What a machine is allowed and guaranteed of one resource of its host. */
interface AllocationFacets {
  /** In MHz or MB; -1 for none. */
  readonly limit: Facet<number>;
  /** In MHz or MB. */
  readonly reservation: Facet<number>;
  readonly shareLevel: Facet<SharesLevel>;
  readonly shareCount: Facet<number>;
}

/** CPU, in MHz. All of it changes while the machine runs. */
export const cpuAllocation = allocationFacets("cpuAllocation");
/** Memory, in MB. All of it changes while the machine runs. */
export const memoryAllocation = allocationFacets("memoryAllocation");

function allocationFacets(resource: "cpuAllocation" | "memoryAllocation"): AllocationFacets {
  const read = (vm: ObservedVm): ResourceAllocationInfo => vm.config[resource] ?? {};
  const write = (info: ResourceAllocationInfo): VirtualMachineConfigSpec => ({ [resource]: info });
  return {
    limit: scalarFacet({ read: (vm) => read(vm).limit ?? -1, write: (limit) => write({ limit }) }),
    reservation: scalarFacet({
      read: (vm) => read(vm).reservation ?? 0,
      write: (reservation) => write({ reservation }),
    }),
    shareLevel: scalarFacet({
      read: (vm) => read(vm).shares?.level ?? "normal",
      // A level of its own comes with its count; of the others the host knows theirs, and ignores what is said here.
      write: (level) => (level === "custom" ? {} : write({ shares: { level, shares: 0 } })),
    }),
    shareCount: scalarFacet({
      // What the host counts for the other levels is nobody's wish.
      read: (vm) => (read(vm).shares?.level === "custom" ? (read(vm).shares?.shares ?? 0) : 0),
      write: (shares) => write({ shares: { level: "custom", shares } }),
    }),
  };
}
