import { scalarFacet } from "./scalar-facet.ts";

/** Whether CPUs can be added while the machine runs. */
export const cpuHotAddEnabled = scalarFacet<boolean>({
  read: (vm) => vm.cpuHotAddEnabled,
  write: (cpuHotAddEnabled) => ({ cpuHotAddEnabled }),
  needsOff: () => true,
});

/** Whether CPUs can be taken away while the machine runs. */
export const cpuHotRemoveEnabled = scalarFacet<boolean>({
  read: (vm) => vm.config.cpuHotRemoveEnabled ?? false,
  write: (cpuHotRemoveEnabled) => ({ cpuHotRemoveEnabled }),
  needsOff: () => true,
});

/** Whether memory can be added while the machine runs. */
export const memoryHotAddEnabled = scalarFacet<boolean>({
  read: (vm) => vm.memoryHotAddEnabled,
  write: (memoryHotAddEnabled) => ({ memoryHotAddEnabled }),
  needsOff: () => true,
});

/** Whether the guest finds the CPU's own virtualisation, and can run machines itself. */
export const nestedHvEnabled = scalarFacet<boolean>({
  read: (vm) => vm.config.nestedHVEnabled ?? false,
  write: (nestedHVEnabled) => ({ nestedHVEnabled }),
  needsOff: () => true,
});
