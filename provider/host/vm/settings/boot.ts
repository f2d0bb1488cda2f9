import { scalarFacet } from "./scalar-facet.ts";

/** What starts the guest. An installed guest boots with the one that it was installed with. */
export const firmware = scalarFacet<"bios" | "efi">({
  read: (vm) => (vm.config.firmware === "efi" ? "efi" : "bios"),
  write: (firmware) => ({ firmware }),
  needsOff: () => true,
});

/** Whether EFI starts nothing without a known signature. */
export const efiSecureBootEnabled = scalarFacet<boolean>({
  read: (vm) => vm.config.bootOptions?.efiSecureBootEnabled ?? false,
  write: (efiSecureBootEnabled) => ({ bootOptions: { efiSecureBootEnabled } }),
  needsOff: () => true,
});

/** Milliseconds before the firmware looks for something to boot. */
export const bootDelay = scalarFacet<number>({
  read: (vm) => vm.config.bootOptions?.bootDelay ?? 0,
  write: (bootDelay) => ({ bootOptions: { bootDelay } }),
});

/** Whether a machine that found nothing to boot tries again by itself. */
export const bootRetryEnabled = scalarFacet<boolean>({
  read: (vm) => vm.config.bootOptions?.bootRetryEnabled ?? false,
  write: (bootRetryEnabled) => ({ bootOptions: { bootRetryEnabled } }),
});

/** Milliseconds before it does. */
export const bootRetryDelay = scalarFacet<number>({
  read: (vm) => vm.config.bootOptions?.bootRetryDelay ?? 10_000,
  write: (bootRetryDelay) => ({ bootOptions: { bootRetryDelay } }),
});
