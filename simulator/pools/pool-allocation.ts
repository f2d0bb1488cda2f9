/** How much CPU (MHz) or memory (MB) a pool may have. */
import type { ResourceAllocationInfo, SharesInfo } from "../../schema/index.ts";
import type { StoredAllocation } from "../core/stored.ts";
import { invalidArgument } from "../soap/fault.ts";

export type Resource = "cpu" | "memory";

const SHARES: Readonly<Record<Resource, Readonly<Record<string, number>>>> = {
  cpu: { low: 2000, normal: 4000, high: 8000 },
  memory: { low: 81_920, normal: 163_840, high: 327_680 },
};
const MAX_SHARES = { cpu: 1_000_000, memory: 10_000_000 };

/**
 * @param now the values for everything that the request leaves out. The request for a new pool must have everything
 * @throws VimFault InvalidArgument
 */
export function allocation(
  resource: Resource,
  asked: ResourceAllocationInfo,
  now: StoredAllocation | undefined,
): StoredAllocation {
  const property = `spec.${resource}Allocation`;
  const {
    reservation = now?.reservation,
    expandableReservation = now?.expandableReservation,
    limit = now?.limit,
    shares = now?.shares,
  } = asked;
  if (reservation === undefined || reservation < 0) throw invalidArgument(`${property}.reservation`);
  if (expandableReservation === undefined) throw invalidArgument(`${property}.expandableReservation`);
  if (limit === undefined || limit < -1 || (limit >= 0 && limit < reservation))
    throw invalidArgument(`${property}.limit`);
  if (shares === undefined) throw invalidArgument(`${property}.shares`);
  return { reservation, expandableReservation, limit, shares: wholeShares(resource, shares, property) };
}

function wholeShares(resource: Resource, { level, shares }: SharesInfo, property: string): SharesInfo {
  if (level !== "custom") return { level, shares: SHARES[resource][level] ?? 0 };
  if (shares < 1 || shares > MAX_SHARES[resource]) throw invalidArgument(`${property}.shares`);
  return { level, shares };
}
