/** Devices that need a driver which not every guest has. */
export type ParavirtualDevice = "pvscsi" | "vmxnet3";

/** Guests that never had a driver: their kernels are older than the device, or closed to it. */
const WITHOUT_DRIVER: Readonly<Record<ParavirtualDevice, RegExp>> = {
  pvscsi:
    /^(dos|win3|win9|winMe|winNT|win2000|redhat|rhel[234](_|G)|other24x|nld9|sjds|solaris([6-9]|10)|os2|eCom|netware|openServer|unixWare|darwin|freebsd(64)?Guest|freebsd11)/,
  vmxnet3:
    /^(dos|win3|win9|winMe|winNT|win2000|redhat|rhel[23](_|G)|other24x|nld9|sjds|solaris[6-9]|os2|eCom|netware|openServer|unixWare|darwin(G|64G|1[0-4]))/,
};

/** A device for which such a guest has a driver. The oldest guests know only the oldest hardware. */
const INSTEAD: Readonly<Record<ParavirtualDevice, (guestId: string) => string>> = {
  pvscsi: (guestId) =>
    /^(dos|win3|win9|winMe|os2|eComStation)/.test(guestId)
      ? "ide"
      : /^darwin/.test(guestId)
        ? "sata"
        : /^(winNT|win2000|redhat|rhel2|netware|openServer5)/.test(guestId)
          ? "buslogic"
          : "lsilogic",
  vmxnet3: (guestId) =>
    /^(dos|win3|win9|winMe|winNT|win2000|redhat|rhel2|os2|eComStation|netware|openServer5|other24x)/.test(
      guestId,
    )
      ? "pcnet32"
      : "e1000",
};

/** The device to use instead, if the guest has no driver. Undefined if the guest may have one. */
export function insteadOf(device: ParavirtualDevice, guestId: string): string | undefined {
  return WITHOUT_DRIVER[device].test(guestId) ? INSTEAD[device](guestId) : undefined;
}
