/** The start order: no number is greater than the count of machines, and none is used twice. */
import type { Behaviour } from "../../behaviour.ts";
import type { StoredEntry } from "../../core/stored.ts";
import { invalidArgument } from "../../soap/fault.ts";

/**
 * The list with one entry changed or added. If its number is taken, the other machine gets the next number, and so on.
 *
 * @throws VimFault InvalidArgument for a number greater than the count of machines that start with the host.
 */
export function withEntry(
  entries: readonly StoredEntry[],
  entry: StoredEntry,
  counting: Behaviour["startOrderCounts"],
): StoredEntry[] {
  const { moid, startOrder } = entry;
  const isMember = entries.some((one) => one.moid === moid && starts(one.startAction));
  const others = entries.filter((one) => one.moid !== moid);
  const members = others.filter((one) => starts(one.startAction)).length;
  const most = counting === "newcomers" || isMember ? members + 1 : Math.max(members, 1);
  if (startOrder > most) throw invalidArgument("spec.powerInfo.startOrder");
  const orders = new Map(others.map((one) => [one.startOrder, one]));
  const moved = new Map<StoredEntry, StoredEntry>();
  if (startOrder > 0)
    for (let taken = startOrder, one = orders.get(taken); one; one = orders.get(++taken))
      moved.set(one, { ...one, startOrder: taken + 1 });
  const place = entries.findIndex((one) => one.moid === moid);
  const rest = others.map((one) => moved.get(one) ?? one);
  return place < 0 ? [...rest, entry] : rest.toSpliced(place, 0, entry);
}

export function starts(startAction: string): boolean {
  return startAction.toLowerCase() === "poweron";
}
