/**
 * The end of a message about an unknown name: the name that was probably meant, and those that exist.
 * @param kind the kind of names in the plural, such as "networks"
 * @param owner the thing that has them
 */
export function didYouMean(name: string, known: readonly string[], kind: string, owner = "the OVF"): string {
  if (known.length === 0) return `${owner} has no ${kind}`;
  const best = nearestName(name, known);
  const hint = best === undefined ? "" : `did you mean ${JSON.stringify(best)}? `;
  const shown = known.slice(0, 20).map((candidate) => JSON.stringify(candidate));
  const rest = known.length > shown.length ? ` and ${known.length - shown.length} more` : "";
  return `${hint}${owner.replace(/^the/, "The")} has ${shown.join(", ")}${rest}`;
}

/** The name that was probably meant. Undefined if none is similar enough. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const most = Math.max(2, name.length / 3);
  const best = known
    // A name that is much longer or shorter cannot be similar, and comparing it would be expensive.
    .filter((candidate) => Math.abs(candidate.length - name.length) <= most)
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0];
  return best !== undefined && best.distance <= most ? best.candidate : undefined;
}

/** Levenshtein distance: how many characters to insert, delete or replace. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
