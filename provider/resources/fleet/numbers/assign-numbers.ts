import { byName } from "../by-name.ts";
import { ownEntry } from "../own-entry.ts";

/** The number of each key. */
export type NumberByKey = Readonly<Record<string, number>>;

/** The numbers to assign. */
export interface NumbersWanted {
  /** Distinct keys, in any order. */
  readonly keys: readonly string[];
  /** The lowest number. */
  readonly from: number;
  /** The highest number. */
  readonly to: number;
  /** Numbers that these keys have in any case, also outside of the range. No other key gets them. */
  readonly fixed: NumberByKey;
}

/** What was assigned before. */
export interface NumbersAssigned {
  readonly numbers: NumberByKey;
  /** Numbers of keys that are gone. The one that is unused for the longest time comes first. */
  readonly retired: readonly number[];
}

/**
 * Gives each key a number. A key keeps its number when others are added or removed. A new key gets the lowest number
 * that no key ever had. When none is left, it gets the number that is unused for the longest time, because leases,
 * known hosts and caches elsewhere still know the last owner.
 *
 * @param found Numbers that were seen elsewhere for keys that have none here.
 * @returns If the range is used up, `numbers` has no entry for the keys that get none.
 */
export function assignNumbers(
  { keys, from, to, fixed }: NumbersWanted,
  before: NumbersAssigned,
  found: NumberByKey,
): NumbersAssigned {
  const isInRange = (number: number) => number >= from && number <= to;
  const numbers = new Map<string, number>();
  const taken = new Set(Object.values(fixed));
  const give = (key: string, number: number | undefined) => {
    if (number === undefined || numbers.has(key) || taken.has(number) || !isInRange(number)) return;
    numbers.set(key, number);
    taken.add(number);
  };
  const inOrder = [...new Set(keys)].sort(byName);
  for (const key of inOrder) {
    const number = ownEntry(fixed, key);
    if (number !== undefined) numbers.set(key, number);
  }
  for (const key of inOrder) give(key, ownEntry(before.numbers, key));
  for (const key of inOrder) give(key, ownEntry(found, key));

  const left = Object.keys(before.numbers)
    .sort(byName)
    .flatMap((key) => (numbers.get(key) === before.numbers[key] ? [] : [before.numbers[key] ?? from]));
  const retired = new Set(
    [...before.retired, ...left].filter((number) => isInRange(number) && !taken.has(number)),
  );
  let next = from;
  for (const key of inOrder) {
    while (taken.has(next) || retired.has(next)) next++;
    const [longest] = retired;
    const number = next <= to ? next : longest;
    if (numbers.has(key) || number === undefined) continue;
    retired.delete(number);
    give(key, number);
  }
  return { numbers: Object.fromEntries(numbers), retired: [...retired] };
}
