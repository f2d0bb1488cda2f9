import { optionsOf } from "./given.ts";
import { HandOverError } from "./hand-over-error.ts";
import {
  checkMachines,
  hasHostname,
  hasIpv4,
  hasMac,
  hostnameOf,
  type MachineRecord,
  quoted,
} from "./machine-record.ts";

/** How long a client may keep its address. */
export interface DnsmasqDhcpOptions {
  /** Such as `12h`, `45m` or `infinite`. Default `12h`. */
  readonly leaseTime?: string | undefined;
}

const DNSMASQ = "The reservations for dnsmasq";

/**
 * Reservations for dnsmasq: a file in its `dhcp-hostsdir`, or its `dhcp-hostsfile`. A machine is recognized only by its
 * MAC address, because clones of an image that was booted once may have everything else of a DHCP client in common.
 * dnsmasq reads new entries in a `dhcp-hostsdir` at once. It uses removed entries until it gets the signal HUP.
 *
 * @throws HandOverError for machines without an IPv4 or MAC address, and duplicates.
 * @see https://thekelleys.org.uk/dnsmasq/docs/dnsmasq-man.html
 */
export function dnsmasqDhcp(machines: readonly MachineRecord[], options: DnsmasqDhcpOptions = {}): string {
  const { leaseTime = "12h" } = optionsOf(DNSMASQ, options);
  checkReservations(DNSMASQ, machines);
  if (!/^(\d+[smhdw]?|infinite)$/.test(leaseTime)) {
    throw new HandOverError(DNSMASQ, [`${quoted(leaseTime)} is no lease time, which is like 12h`]);
  }
  return machines
    .map((machine) => `${macOf(machine)},id:*,${machine.address},${hostnameOf(machine)},${leaseTime}\n`)
    .join("");
}

/**
 * Reservations for Kea: a JSON list, to be included as `"reservations": <?include "FILE"?>` of a subnet.
 *
 * @throws HandOverError for machines without an IPv4 or MAC address, and duplicates.
 * @see https://kea.readthedocs.io/en/latest/arm/dhcp4-srv.html
 */
export function keaReservations(machines: readonly MachineRecord[]): string {
  checkReservations("The reservations for Kea", machines);
  const reservations = machines.map((machine) => ({
    "hw-address": macOf(machine),
    "ip-address": machine.address,
    hostname: hostnameOf(machine),
  }));
  return `${JSON.stringify(reservations, undefined, 2)}\n`;
}

const checkReservations = (what: string, machines: readonly MachineRecord[]): void =>
  checkMachines(what, machines, [hasIpv4, hasMac, hasHostname], ["address", "macAddress", "hostname"]);

const macOf = ({ macAddress = "" }: MachineRecord): string => macAddress.toLowerCase();
