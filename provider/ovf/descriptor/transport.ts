import { defaultOption, type OvfDescriptor } from "./descriptor.ts";
import { appliesTo } from "./properties.ts";

/** How a guest says that it reads its properties from VMware's channel. */
export const GUEST_INFO_TRANSPORT = "com.vmware.guestInfo";

/**
 * What to warn of where the guest may not look for its properties.
 * @param given Keys of the properties that the user has given.
 * @returns undefined if the descriptor says that the guest reads `guestinfo.ovfEnv`, or there is nothing to read
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
  // A descriptor that says nothing of a transport has, as a rule, a guest that asks for nothing.
  if (transports.length === 0 && given.length === 0) return undefined;
  const says =
    transports.length === 0
      ? "does not say how its guest reads its properties (no ovf:transport)"
      : `says that its guest reads its properties by ${transports.map((one) => JSON.stringify(one)).join(", ")}`;
  return (
    `${says}, and does not name ${GUEST_INFO_TRANSPORT}. They are in guestinfo.ovfEnv, and this guest may look at a CD ` +
    'only, and come up as if none were set. With ovfTransport: "iso" it has them on a CD too.'
  );
}
