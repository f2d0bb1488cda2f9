import { isIPv4 } from "node:net";
import { optionsOf } from "./given.ts";
import { HandOverError } from "./hand-over-error.ts";
import {
  checkMachines,
  hasAddress,
  hasHostname,
  hostnameOf,
  type MachineRecord,
  quoted,
} from "./machine-record.ts";

/** The domain of the names. */
export interface DnsmasqHostsOptions {
  /** Such as `lab.example`. Default: none. */
  readonly domain?: string | undefined;
}

/** The server to update, and the zone. */
export interface NsupdateOptions {
  /** The zone in which the names are, such as `lab.example`. */
  readonly zone: string;
  /** The primary server, by name or address. Default: the zone's own. */
  readonly server?: string | undefined;
  /** Default 53. */
  readonly port?: number | undefined;
  /** How long resolvers may keep the answer, in seconds. Default 300. */
  readonly ttlSeconds?: number | undefined;
}

const DOMAIN = /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*\.?$/;
const NAMES = "The names for dnsmasq";
const UPDATE = "The update of the zone";
/** A record in the zone that says who owns a name. */
const MARK = '"managed by pulumi-esxi-direct"';

/**
 * Names for dnsmasq, in the form of `/etc/hosts`: a file in its `hostsdir`, which it reads whenever it changes, or for
 * `addn-hosts`.
 *
 * @throws HandOverError for machines without an address, and duplicate names.
 * @see https://thekelleys.org.uk/dnsmasq/docs/dnsmasq-man.html
 */
export function dnsmasqHosts(machines: readonly MachineRecord[], options: DnsmasqHostsOptions = {}): string {
  const { domain } = optionsOf(NAMES, options);
  checkMachines(NAMES, machines, [hasAddress, hasHostname], ["hostname"]);
  if (domain !== undefined) checkDomain(NAMES, domain);
  return machines
    .map((machine) => {
      const name = hostnameOf(machine);
      const whole = domain === undefined ? "" : `${name}.${withoutDot(domain)} `;
      return `${machine.address} ${whole}${name}\n`;
    })
    .join("");
}

/**
 * A script for `nsupdate` (RFC 2136) that changes a zone from the former machines to the present ones. Each name has a
 * TXT record that says who owns it. A name that belongs to somebody else is neither changed nor deleted, and `nsupdate`
 * then ends with an error.
 *
 * @param before The machines whose names are in the zone now. None at the first time.
 * @returns Empty if nothing must change.
 * @throws HandOverError for machines without an address, duplicate names, and an invalid zone.
 * @see https://bind9.readthedocs.io/en/latest/manpages.html
 */
export function nsupdateScript(
  before: readonly MachineRecord[],
  machines: readonly MachineRecord[],
  options: NsupdateOptions,
): string {
  const { zone = "", server, port = 53, ttlSeconds = 300 } = optionsOf(UPDATE, options);
  for (const list of [before, machines]) checkMachines(UPDATE, list, [hasAddress, hasHostname], ["hostname"]);
  checkDomain(UPDATE, zone);
  if (server !== undefined && !/^[A-Za-z0-9.:-]+$/.test(server)) {
    throw new HandOverError(UPDATE, [`${quoted(server)} is no server`]);
  }
  const records = (list: readonly MachineRecord[]) =>
    new Map(list.map((machine) => [hostnameOf(machine).toLowerCase(), machine.address ?? ""]));
  const [old, wanted] = [records(before), records(machines)];
  const ttl = Math.trunc(ttlSeconds);
  const name = (host: string) => `${host}.${withoutDot(zone)}.`;
  const gone = [...old.keys()].filter((host) => !wanted.has(host));
  const added = [...wanted].filter(([host]) => !old.has(host));
  const changed = [...wanted].filter(([host, address]) => old.has(host) && old.get(host) !== address);
  const own = (host: string) => `prereq yxrrset ${name(host)} TXT ${MARK}`;
  const add = (host: string, address: string) =>
    `update add ${name(host)} ${ttl} ${isIPv4(address) ? "A" : "AAAA"} ${address}`;
  const steps = [
    ...gone.map((host) => [own(host), `update delete ${name(host)}`]),
    ...changed.map(([host, address]) => [
      own(host),
      ...["A", "AAAA"].map((type) => `update delete ${name(host)} ${type}`),
      add(host, address),
    ]),
    ...added.map(([host, address]) => [
      `prereq nxdomain ${name(host)}`,
      add(host, address),
      `update add ${name(host)} ${ttl} TXT ${MARK}`,
    ]),
  ];
  if (steps.length === 0) return "";
  const head = [...(server === undefined ? [] : [`server ${server} ${port}`]), `zone ${withoutDot(zone)}.`];
  return [...head, ...steps.flatMap((step) => [...step, "send"]), ""].join("\n");
}

function checkDomain(what: string, domain: string): void {
  if (!DOMAIN.test(domain)) throw new HandOverError(what, [`${quoted(domain)} is no domain`]);
}

const withoutDot = (domain: string): string => domain.replace(/\.$/, "");
