import { scalarFacet } from "./scalar-facet.ts";

/** Virtual CPUs. */
export const numCpus = scalarFacet<number>({
  read: (vm) => vm.numCpus,
  write: (numCPUs) => ({ numCPUs }),
  needsOff: (vm, wish) => !(vm.cpuHotAddEnabled && wish > vm.numCpus),
});

/** Cores per virtual socket. */
export const numCoresPerSocket = scalarFacet<number>({
  read: (vm) => vm.numCoresPerSocket,
  write: (cores) => ({ numCoresPerSocket: cores }),
  needsOff: () => true,
});

/** Memory in MB. */
export const memory = scalarFacet<number>({
  read: (vm) => vm.memory,
  write: (memoryMB) => ({ memoryMB }),
  needsOff: (vm, wish) => !(vm.memoryHotAddEnabled && wish > vm.memory),
});
