import { isIP } from "node:net";
import type { GuestNicInfo, VirtualDevice, VirtualEthernetCard } from "../../../../schema/index.ts";
import { familyOf, hasAddress, parseSubnet } from "../../../guest/subnet.ts";
import { isA } from "../../../vim/codec/objects.ts";

/** What VMware Tools report of a guest's network. */
export interface GuestNetwork {
  readonly nics: readonly GuestNicInfo[] | undefined;
  /** What VMware Tools take for the guest's main address. It may be that of a bridge for containers. */
  readonly primary: string | undefined;
}

/** Which of a machine's addresses are meant. Default: any. */
export interface AddressWish {
  /** Place of the network adapter among the machine's, from 0. */
  readonly networkInterface?: number | undefined;
  readonly family?: "ipv4" | "ipv6" | undefined;
  /** `10.20.0.0/16`, `2001:db8::/64`. */
  readonly subnet?: string | undefined;
}

/** No other machine reaches the guest by these. */
const NOT_USABLE = /^(0\.0\.0\.0$|169\.254\.|fe80:|127\.|::1?$)/i;

/**
 * All addresses that a guest reports, each once, in the order of its adapters. Those of its bridges are among them.
 */
export function guestAddresses({ nics, primary }: GuestNetwork): string[] {
  const reported = (nics ?? []).flatMap((nic) => nic.ipAddress ?? []);
  return [...new Set([...(primary ? [primary] : []), ...reported])].filter((address) => address !== "");
}

/**
 * The address by which another machine reaches the guest. It belongs to an adapter that the machine has, and not to a
 * bridge or a tunnel inside the guest. It is not link-local. The main one comes first, then IPv4 before IPv6.
 */
export function addressOf(
  network: GuestNetwork,
  devices: readonly VirtualDevice[],
  wish: AddressWish = {},
): string | undefined {
  const cards = devices.filter((device) => isA(device, "VirtualEthernetCard"));
  const usable = ownAddresses(network, cards, wish).filter((address) => fits(address, wish));
  return usable.find((address) => !address.includes(":")) ?? usable[0];
}

function ownAddresses(
  { nics = [], primary }: GuestNetwork,
  cards: readonly VirtualEthernetCard[],
  { networkInterface }: AddressWish,
): string[] {
  const wanted = networkInterface === undefined ? undefined : cards[networkInterface];
  if (networkInterface !== undefined && wanted === undefined) return [];
  const isMeant = (nic: GuestNicInfo) =>
    wanted === undefined ? cards.some((card) => isOf(card, nic)) || hasDevice(nic) : isOf(wanted, nic);
  const own = nics.filter(isMeant).flatMap(({ ipAddress }) => ipAddress ?? []);
  const others = nics.filter((nic) => !isMeant(nic)).flatMap(({ ipAddress }) => ipAddress ?? []);
  if (primary === undefined || primary === "" || others.includes(primary)) return own;
  // Old Tools report the main address alone, without its adapter.
  const isOwn = own.includes(primary) || wanted === undefined || cards.length === 1;
  return isOwn ? [primary, ...own] : own;
}

/** A bridge inside the guest has no device, and -1. */
const hasDevice = ({ deviceConfigId }: GuestNicInfo): boolean => deviceConfigId >= 0;

function isOf({ key, macAddress }: VirtualEthernetCard, nic: GuestNicInfo): boolean {
  if (hasDevice(nic)) return nic.deviceConfigId === key;
  return macAddress !== undefined && nic.macAddress?.toLowerCase() === macAddress.toLowerCase();
}

function fits(address: string, { family, subnet }: AddressWish): boolean {
  if (isIP(address) === 0 || NOT_USABLE.test(address)) return false;
  if (family !== undefined && familyOf(address) !== family) return false;
  if (subnet === undefined) return true;
  const meant = parseSubnet(subnet);
  return meant !== undefined && hasAddress(meant, address);
}
