import { isDeepStrictEqual } from "node:util";
import type { Properties } from "../../frame/lifecycle.ts";
import { entriesOf } from "./entries.ts";

/**
 * Gives each disk without a label one, by its position. A label of another entry is not used again. If the list has
 * become shorter, it is compared with the one before: the entries that are left must be exactly like entries before, so
 * that it is certain which disk is to be removed. If that is not certain, entries stay without a label, and the rules
 * refuse them.
 */
export function withDiskLabels(olds: Properties, news: Properties): Properties {
  if (!Array.isArray(news.disks) || entriesOf(news.disks).length !== news.disks.length) return news;
  const entries = entriesOf(news.disks);
  const named = new Set(entries.map(({ label }) => label));
  const before = entriesOf(olds.disks).filter(({ label }) => typeof label === "string" && !named.has(label));
  const bare = entries.filter(({ label }) => label === undefined);
  const labels = bare.length < before.length ? labelsLeft(before, bare) : before.map(({ label }) => label);
  const taken = new Set([...named, ...before.map(({ label }) => label)]);
  const disks = entries.map((entry, index) => {
    if (entry.label !== undefined) return entry;
    const place = bare.indexOf(entry);
    const label = place < labels.length ? labels[place] : unused(taken, index);
    return label === undefined ? entry : { ...entry, label };
  });
  return { ...news, disks };
}

/** Labels of the entries that are left of a list. Undefined for an entry that could be one or another. */
function labelsLeft(before: readonly Properties[], bare: readonly Properties[]): unknown[] {
  const rest = [...before];
  const labels = bare.map((entry) => {
    const found = rest.findIndex((old) => isSame(old, entry));
    return found < 0 ? undefined : rest.splice(found, 1)[0]?.label;
  });
  const twin = (entry: Properties) => rest.some((old) => isSame(old, entry));
  return labels.includes(undefined)
    ? labels.map(() => undefined)
    : labels.map((label, index) => (twin(bare[index] ?? {}) ? undefined : label));
}

function isSame({ label: _, ...old }: Properties, entry: Properties): boolean {
  return isDeepStrictEqual(old, entry);
}

function unused(taken: Set<unknown>, index: number): string {
  let number = index;
  while (taken.has(`disk${number}`)) number++;
  const label = `disk${number}`;
  taken.add(label);
  return label;
}
