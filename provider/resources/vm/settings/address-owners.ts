import { plainAddress } from "../../../guest/subnet.ts";
import type { CheckFailure, Properties } from "../../frame/lifecycle.ts";
import { isUnknown } from "../../inputs/check-inputs.ts";
import { entriesOf, partsOf } from "./entries.ts";

/** What a machine has in one network, that no other may have there. */
interface Claim {
  readonly property: string;
  readonly what: string;
  readonly key: string;
}

/** By URN what each machine of this run has. */
const claims = new Map<string, readonly Claim[]>();

/**
 * What another machine of the same run has in the same network of the same host: an address, or the MAC address that is made
 * of one. Two machines of one address disturb each other, and neither host nor guest says so.
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
