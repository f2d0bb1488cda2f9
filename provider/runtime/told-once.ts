/** Whose error has said it in full, by what was said; one process serves one run. */
const told = new Map<string, string>();

/**
 * What to say to a resource of which the same is wrong as of another: a host that does not let in is a problem of one host,
 * and not of each of forty resources. Only what is the same word for word counts.
 *
 * @param urn Of the resource; undefined if it is not known, which then hears all of it.
 */
export function inFullOnce(text: string, urn: unknown): string {
  if (typeof urn !== "string") return text;
  const first = told.get(text) ?? urn;
  told.set(text, first);
  return first === urn ? text : `as for ${first.split("::").at(-1) ?? first}`;
}
