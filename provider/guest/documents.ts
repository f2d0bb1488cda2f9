import { cloudConfig, hasPassword } from "./cloud-config.ts";
import type { GuestIdentity } from "./identity.ts";
import { type InterfaceOnAdapter, networkConfig } from "./network-config.ts";
import { asYaml } from "./yaml.ts";

/** The first line of a document that is given as a value. Cloud-init then reads its JSON as YAML. */
export const CLOUD_CONFIG = "#cloud-config\n";

/**
 * The vendor data for cloud-init. The program's user data stays unchanged, and wins over this. Empty if there is
 * nothing to say.
 */
export function vendorData(guest: GuestIdentity): string | undefined {
  const config = cloudConfig(guest);
  return config === undefined ? undefined : `${CLOUD_CONFIG}${asYaml(config)}`;
}

/**
 * The part of the metadata that cloud-init's VMware data source understands, without the network configuration.
 *
 * It has no `instance-id`. The data source uses the machine's UUID, which is different for each clone and stays when a
 * machine is renamed.
 */
export function metaData(guest: GuestIdentity): Readonly<Record<string, unknown>> {
  const { hostname, waitOnNetwork, interfaces = [] } = guest;
  const isIpv6Alone = interfaces.length > 0 && interfaces.every(hasIpv6Alone);
  return {
    ...(hostname !== undefined && { "local-hostname": hostname }),
    ...(waitOnNetwork === true && { "wait-on-network": { ipv4: !isIpv6Alone, ipv6: isIpv6Alone } }),
    // Every user in the guest can read this data. It is overwritten once it has been read.
    ...(hasPassword(guest) && { redact: ["vendordata"] }),
  };
}

/** The network configuration of a guest whose adapters have these MAC addresses. Undefined if the guest gets none. */
export function networkOf(
  { interfaces }: GuestIdentity,
  macAddresses: readonly (string | undefined)[],
): ReturnType<typeof networkConfig> | undefined {
  if (interfaces === undefined) return undefined;
  const onAdapters = interfaces.flatMap((each, index): InterfaceOnAdapter[] => {
    const macAddress = macAddresses[index];
    return macAddress === undefined ? [] : [{ ...each, macAddress }];
  });
  return networkConfig(onAdapters);
}

const hasIpv6Alone = ({
  addresses = [],
  dhcp4 = addresses.length === 0,
}: {
  readonly addresses?: readonly string[] | undefined;
  readonly dhcp4?: boolean | undefined;
}) => !dhcp4 && addresses.every((address) => address.includes(":"));
