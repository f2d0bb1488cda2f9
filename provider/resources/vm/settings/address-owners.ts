import { plainAddress } from "../../../guest/subnet.ts";
import type { CheckFailure, Properties } from "../../frame/lifecycle.ts";
import { isUnknown } from "../../inputs/check-inputs.ts";
import { entriesOf, partsOf } from "./entries.ts";

/** An address of a machine in one network. No other machine may have it there. */
interface Claim {
  readonly property: string;
  readonly what: string;
  readonly key: string;
}

/** The addresses of each machine of this run, by its URN. */
const claims = new Map<string, readonly Claim[]>();

/**
 * Finds another machine of the same run with the same address in the same network of the same host. The address may be
 * an IP address, or the MAC address that is made of one. Two machines with one address disturb each other, and neither
 * host nor guest reports it.
 */
export function addressRules(inputs: Properties): CheckFailure[] {
  const urn = typeof inputs.__urn === "string" ? inputs.__urn : undefined;
  if (urn === undefined) return [];
  const own = claimsOf(inputs);
  claims.set(urn, own);
  if (own.length === 0) return [];
  const others = [...claims].filter(([other]) => other !== urn);
  return own.flatMap(({ property, what, key }) => {
    const owner = others.find(([, theirs]) => theirs.some((claim) => claim.key === key));
    return owner === undefined
      ? []
      : [{ property, reason: `is also the ${what} of ${nameIn(owner[0])} in the same network` }];
  });
}

function claimsOf({ guest, networkInterfaces, host }: Properties): Claim[] {
  const { interfaces } = partsOf(guest);
  if (isUnknown(interfaces) || isUnknown(networkInterfaces) || isUnknown(host)) return [];
  const adapters = entriesOf(networkInterfaces);
  return entriesOf(interfaces).flatMap(({ addresses }, index): Claim[] => {
    const { network, macAddress } = adapters[index] ?? {};
    const where = JSON.stringify([host ?? "", network]);
    const given = Array.isArray(addresses) ? addresses.map(String) : [];
    const found = given.map((address, place): Claim => {
      const plain = plainAddress(address);
      const property = `guest.interfaces.${index}.addresses.${place}`;
      return { property, what: "address", key: `${where} ${plain}` };
    });
    if (typeof macAddress !== "string") return found;
    const property = `networkInterfaces.${index}.macAddress`;
    return [...found, { property, what: "MAC address", key: `${where} ${macAddress.toLowerCase()}` }];
  });
}

const nameIn = (urn: string): string => JSON.stringify(urn.split("::").at(-1));
