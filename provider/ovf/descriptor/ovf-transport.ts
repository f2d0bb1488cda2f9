import { defaultOption, type OvfDescriptor } from "./descriptor.ts";
import { appliesTo } from "./properties.ts";

/** The transport of guests that read their properties from VMware's channel. */
export const GUEST_INFO_TRANSPORT = "com.vmware.guestInfo";

/**
 * A warning if the guest may not look for its properties in `guestinfo.ovfEnv`.
 * @param given Keys of the properties that the user has given.
 * @returns Undefined if the descriptor says that the guest reads `guestinfo.ovfEnv`, or if there is nothing to read.
 */
export function transportWarning(
  descriptor: OvfDescriptor,
  deploymentOption: string | undefined,
  given: readonly string[],
): string | undefined {
  const { transports } = descriptor;
  const option = deploymentOption || defaultOption(descriptor);
  if (transports.includes(GUEST_INFO_TRANSPORT)) return undefined;
  if (!descriptor.properties.some((property) => appliesTo(property, option))) return undefined;
  // A descriptor without any transport usually has a guest that reads no properties.
  if (transports.length === 0 && given.length === 0) return undefined;
  const says =
    transports.length === 0
      ? "does not say how its guest reads its properties (no ovf:transport)"
      : `says that its guest reads its properties by ${transports.map((one) => JSON.stringify(one)).join(", ")}`;
  return (
    `${says}, and does not name ${GUEST_INFO_TRANSPORT}. They are in guestinfo.ovfEnv. But this guest may look only at a CD, ` +
    'and start as if none were set. With ovfTransport: "iso" they are also on a CD.'
  );
}
