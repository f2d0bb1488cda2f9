/** The order in which machines start with their host: the desired order, and the numbers that lead to it. */

/**
 * The desired order. A machine stands at the place that its program names, or at the end if the list is shorter, and
 * behind machines with a smaller number. Of two with the same number, the one that came first is first. All other
 * machines keep their order.
 *
 * @param now Machines that have a place, in their order.
 * @param wishes Places from 1 on.
 */
export function startSequence(now: readonly string[], wishes: ReadonlyMap<string, number>): string[] {
  const sequence = now.filter((one) => !wishes.has(one));
  const rank = (moid: string) => (now.includes(moid) ? now.indexOf(moid) : now.length);
  const ours = [...wishes].sort(([a, one], [b, other]) => one - other || rank(a) - rank(b));
  let next = 0;
  for (const [moid, place] of ours) {
    const at = Math.max(next, Math.min(place - 1, sequence.length));
    sequence.splice(at, 0, moid);
    next = at + 1;
  }
  return sequence;
}

/**
 * The numbers that lead to a sequence, in the order in which they must be given. Hosts take no number greater than the
 * count of machines. If the number of a machine is given to another one, it gets the next number.
 *
 * @param now Numbers that are given already.
 * @param named Machines that must be in the result even if their number stays.
 */
export function startNumbers(
  sequence: readonly string[],
  now: ReadonlyMap<string, number>,
  named: ReadonlySet<string>,
): [moid: string, order: number][] {
  const orders = new Map(now);
  return sequence.flatMap((moid, index): [string, number][] => {
    const order = index + 1;
    if (orders.get(moid) === order) return named.has(moid) ? [[moid, order]] : [];
    give(orders, moid, order);
    return [[moid, order]];
  });
}

function give(orders: Map<string, number>, moid: string, order: number): void {
  const owner = [...orders].find(([other, number]) => number === order && other !== moid)?.[0];
  orders.set(moid, order);
  if (owner !== undefined) give(orders, owner, order + 1);
}
