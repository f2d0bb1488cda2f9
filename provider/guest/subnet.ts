import { BlockList, isIP, isIPv6 } from "node:net";

/** A network: an address and its prefix length. */
export interface Subnet {
  readonly address: string;
  readonly length: number;
}

/** Reads `10.44.3.17/24`. Undefined for anything else. */
export function parseSubnet(text: string): Subnet | undefined {
  const [, address = "", digits = ""] = /^([0-9a-f.:]+)\/(\d{1,3})$/i.exec(text) ?? [];
  const length = Number(digits);
  const most = isIPv6(address) ? 128 : 32;
  return isIP(address) === 0 || length > most ? undefined : { address, length };
}

/** Whether the network has this address. */
export function hasAddress({ address, length }: Subnet, other: string): boolean {
  const list = new BlockList();
  list.addSubnet(address, length, familyOf(address));
  return list.check(other, familyOf(other));
}

/** Whether it is the address of one machine: neither the network's own address nor its broadcast address. */
export function isOneMachines({ address, length }: Subnet): boolean {
  if (isIPv6(address)) return true;
  const value = bitsOfIpv4(address);
  if (value >= 0xe0_00_00_00 || value < 0x01_00_00_00) return false;
  if (length > 30) return true;
  const place = value % 2 ** (32 - length);
  return place !== 0 && place !== 2 ** (32 - length) - 1;
}

/**
 * The address in one normal form, so that equal addresses have equal texts. IPv6 is in brackets and without the name of
 * an interface.
 * @param text With or without the prefix length.
 */
export function plainAddress(text: string): string {
  const [address = ""] = text.split("/");
  return isIPv6(address) ? new URL(`http://[${address.split("%")[0]}]/`).hostname : address;
}

/** The address as a number. */
export const bitsOfIpv4 = (address: string): number =>
  address.split(".").reduce((bits, part) => bits * 256 + Number(part), 0);

export const familyOf = (address: string): "ipv4" | "ipv6" => (isIPv6(address) ? "ipv6" : "ipv4");
