/**
 * Ends a message about an unknown name: the one that was probably meant, and those that exist.
 * @param kind what they are, in the plural, such as "networks"
 * @param owner what has them
 */
export function didYouMean(name: string, known: readonly string[], kind: string, owner = "the OVF"): string {
  if (known.length === 0) return `${owner} has no ${kind}`;
  const best = nearestName(name, known);
  const hint = best === undefined ? "" : `did you mean ${JSON.stringify(best)}? `;
  const shown = known.slice(0, 20).map((candidate) => JSON.stringify(candidate));
  const rest = known.length > shown.length ? ` and ${known.length - shown.length} more` : "";
  return `${hint}${owner.replace(/^the/, "The")} has ${shown.join(", ")}${rest}`;
}

/** The name that was probably meant; undefined if none is near enough. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const most = Math.max(2, name.length / 3);
  const best = known
    // What is much longer or shorter cannot be near, and would be dear to compare.
    .filter((candidate) => Math.abs(candidate.length - name.length) <= most)
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0];
  return best !== undefined && best.distance <= most ? best.candidate : undefined;
}

/** Levenshtein's distance: how many characters to insert, delete or replace. */
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
