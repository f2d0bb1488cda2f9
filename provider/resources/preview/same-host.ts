import type { EsxiHost } from "../../host/esxi-host.ts";
import type { HostSight } from "../../host/host-facts.ts";

interface Known {
  /** The name in the program. Undefined for the host of `esxi:host`. */
  readonly name: string | undefined;
  readonly host: EsxiHost;
  readonly sight: HostSight;
}

/** The hosts of this run, each by the name under which it was met first. */
const met: Known[] = [];

/** Pairs of names that were told of. */
const told = new Set<string>();

/**
 * What to say of a host that the configuration has under two names. Each name would otherwise count as a host of its
 * own. Said once for each pair of names.
 *
 * The same hardware UUID alone does not make two hosts one: some boards all have the same. If they also have the same
 * machines under the same ids, they are one.
 */
export function sameHost(host: EsxiHost, named: unknown, sight: HostSight): string[] {
  const name = typeof named === "string" ? named : undefined;
  const same = met.filter((other) => other.name !== name && isSame(other, { name, host, sight }));
  if (!met.some((other) => other.name === name && other.host === host)) met.push({ name, host, sight });
  return same.flatMap((other) => {
    const pair = [called(other.name), called(name)].sort().join(" and ");
    const key = `${pair} ${sight.facts.hostUuid}`;
    if (told.has(key)) return [];
    told.add(key);
    return [
      `${pair} are one host (${addressesOf(host, other.host)}, hardware UUID ${sight.facts.hostUuid}). ` +
        "A network, a file or a machine of one name can be there once only: use one of the two in the program",
    ];
  });
}

function isSame(one: Known, other: Known): boolean {
  if (one.host === other.host) return true;
  if (one.sight.facts.hostUuid !== other.sight.facts.hostUuid) return false;
  const [ones, others] = [one, other].map(({ sight }) =>
    sight.vms.map(({ ref, name }) => `${ref.value} ${name}`).sort(),
  );
  return ones !== undefined && ones.length > 0 && ones.join("\n") === others?.join("\n");
}

const called = (name: string | undefined): string =>
  name === undefined ? "the host of esxi:host" : `"${name}"`;

const addressesOf = (one: EsxiHost, other: EsxiHost): string =>
  one.origin === other.origin ? one.origin : `${one.origin}, ${other.origin}`;
