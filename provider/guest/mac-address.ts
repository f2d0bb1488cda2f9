import { isIP, isIPv4 } from "node:net";
import { bitsOfIpv4, plainAddress } from "./subnet.ts";

/** The beginning of the range that VMware reserves for addresses given by hand: 22 bits. */
const FREE = "00:50:56";
const MOST = 0x3f_ff_ff;

/**
 * The MAC address of the network adapter with this IP address: `00:50:56` and the lower 22 bits of the address. So it
 * is known before the machine exists. No two machines have the same while their addresses are in one /10 (for IPv6:
 * /106), as in a private network. `guest.interfaces` gives it to an adapter without a MAC address.
 *
 * @param address IPv4 or IPv6, with or without the prefix length: `10.44.3.17/24`.
 * @throws RangeError if it is no IP address.
 * @example
 * ```ts
 * macOf("10.44.3.17"); // 00:50:56:2c:03:11
 * ```
 */
export function macOf(address: string): string {
  // A JavaScript program may give anything.
  const [ip = ""] = String(address).split("/");
  if (isIP(ip) === 0) throw new RangeError(`"${address}" is no IP address.`);
  const bits = (lastBits(ip) & MOST).toString(16).padStart(6, "0");
  return [FREE, bits.slice(0, 2), bits.slice(2, 4), bits.slice(4, 6)].join(":");
}

/** The address of an adapter from which its MAC address is made: the first IPv4 address, otherwise the first. */
export const addressOfMac = (addresses: readonly string[]): string | undefined =>
  addresses.find((address) => !address.includes(":")) ?? addresses[0];

/** The lower 32 bits. */
function lastBits(ip: string): number {
  if (isIPv4(ip)) return bitsOfIpv4(ip);
  // The URL parser writes all forms of an address in the same way, with hexadecimal digits only.
  const groups = plainAddress(ip).slice(1, -1).split("::").at(-1)?.split(":") ?? [];
  const [high = "0", low = "0"] = ["0", "0", ...groups].slice(-2);
  return Number.parseInt(high || "0", 16) * 65_536 + Number.parseInt(low || "0", 16);
}
