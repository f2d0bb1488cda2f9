import type { GuestInterface } from "./identity.ts";

/** A guest's interface and its network adapter. */
export interface InterfaceOnAdapter extends GuestInterface {
  readonly macAddress: string;
}

/** A network configuration for cloud-init. */
interface NetworkConfig {
  readonly version: 2;
  readonly ethernets: Readonly<Record<string, unknown>>;
}

const EVERYWHERE = "0.0.0.0/0";

/**
 * A network configuration of version 2. It only uses parts that all renderers of cloud-init 22 and newer (netplan,
 * networkd, sysconfig, eni, NetworkManager) understand in the same way. An adapter is found by its MAC address and gets
 * its name. Without `set-name`, networkd looks for an adapter of that name. The default route is written as a network,
 * because 22.4 does not understand `default`. For IPv6 it is `gateway6`, because 22.4 turns ::/0 into ::/64.
 *
 * @see https://docs.cloud-init.io/en/latest/reference/network-config-format-v2.html
 */
export function networkConfig(interfaces: readonly InterfaceOnAdapter[]): NetworkConfig {
  const ethernets = interfaces.map((each, index) => [nameOf(each, index), ethernet(each, index)] as const);
  return { version: 2, ethernets: Object.fromEntries(ethernets) };
}

/** The guest's name for the interface. */
export const nameOf = ({ name }: GuestInterface, index: number): string => name ?? `nic${index}`;

function ethernet(one: InterfaceOnAdapter, index: number) {
  const { addresses = [], dhcp4 = addresses.length === 0, nameservers, search, mtu } = one;
  const routes = [
    ...(one.gateway === undefined ? [] : [{ to: EVERYWHERE, via: one.gateway }]),
    ...(one.routes ?? []),
  ];
  return {
    match: { macaddress: one.macAddress.toLowerCase() },
    "set-name": nameOf(one, index),
    dhcp4,
    ...(dhcp4 && { "dhcp-identifier": "mac" }),
    ...(addresses.length > 0 && { addresses }),
    ...(routes.length > 0 && { routes }),
    ...(one.gateway6 !== undefined && { gateway6: one.gateway6 }),
    ...((nameservers ?? search) !== undefined && {
      nameservers: {
        ...(nameservers !== undefined && { addresses: nameservers }),
        ...(search !== undefined && { search }),
      },
    }),
    ...(mtu !== undefined && { mtu }),
  };
}
