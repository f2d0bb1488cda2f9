const collator = new Intl.Collator("en", { numeric: true });

/** Compares keys as people sort them: `group-2` comes before `group-10`. Never 0 for two different keys. */
export function byName(one: string, other: string): number {
  return collator.compare(one, other) || (one < other ? -1 : Number(one > other));
}
