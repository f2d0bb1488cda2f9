import type { Facet } from "./facet.ts";
import { formatHardwareVersion, parseHardwareVersion } from "./hardware-version.ts";
import { scalarFacet } from "./scalar-facet.ts";

/** What guest the machine is made for, by vSphere's id. */
export const guestId = scalarFacet<string>({
  read: (vm) => vm.config.guestId ?? "",
  write: (guestId) => ({ guestId }),
  needsOff: () => true,
});

/** Version of the virtual hardware. A machine that exists can only be given a newer one. */
export const hardwareVersion: Facet<number> = scalarFacet<number>({
  read: (vm) => parseHardwareVersion(vm.config.version),
  write: (number) => ({ version: formatHardwareVersion(number) }),
  needsOff: () => true,
});
