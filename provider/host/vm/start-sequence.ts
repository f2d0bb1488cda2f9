/** The order in which machines start with their host: what it is to be, and the numbers that make it so. */

/**
 * The order that is asked for. A machine stands at the place that its program names, or last where there are fewer, and
 * behind those of a lesser number; of equal numbers who came first stands first. All others keep their order.
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
 * The numbers to give, one after the other, that lead to a sequence. Hosts take no number above that of the machines, and
 * a machine whose number is given away gets the next one.
 *
 * @param now Numbers that are given already.
 * @param named Machines that are to be among the result even if their number stays.
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
