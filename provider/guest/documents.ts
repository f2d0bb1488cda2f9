import { cloudConfig, hasPassword } from "./cloud-config.ts";
import type { GuestIdentity } from "./identity.ts";
import { type InterfaceOnAdapter, networkConfig } from "./network-config.ts";
import { asYaml } from "./yaml.ts";

/** Begins a document that is given as a value, so that cloud-init takes its JSON for the YAML that it is. */
export const CLOUD_CONFIG = "#cloud-config\n";

/**
 * What the guest is told as cloud-init's vendor data: whatever the program gives as user data stays what it is, and goes before
 * this. Nothing if there is nothing to say.
 */
export function vendorData(guest: GuestIdentity): string | undefined {
  const config = cloudConfig(guest);
  return config === undefined ? undefined : `${CLOUD_CONFIG}${asYaml(config)}`;
}

/**
 * The part of the metadata that cloud-init's VMware data source understands, the network configuration aside.
 *
 * There is no `instance-id` in it: that of the data source is the machine's UUID, which each clone has of its own, and
 * a renamed machine keeps.
 */
export function metaData(guest: GuestIdentity): Readonly<Record<string, unknown>> {
  const { hostname, waitOnNetwork, interfaces = [] } = guest;
  const isIpv6Alone = interfaces.length > 0 && interfaces.every(hasIpv6Alone);
  return {
    ...(hostname !== undefined && { "local-hostname": hostname }),
    ...(waitOnNetwork === true && { "wait-on-network": { ipv4: !isIpv6Alone, ipv6: isIpv6Alone } }),
    // Whoever is logged in can read what the guest is told; what is read is overwritten by it.
    ...(hasPassword(guest) && { redact: ["vendordata"] }),
  };
}

/** The network configuration of a guest whose adapters have these MAC addresses; nothing if the guest is told none. */
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
