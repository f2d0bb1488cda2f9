import type { ServedRequest } from "./vcsim.ts";

/** The SOAP calls among the requests; uploads are none. */
export function calls(requests: readonly ServedRequest[]): readonly ServedRequest[] {
  return requests.filter(({ method }) => !method.includes(" "));
}

/** How often each method was called, the most frequent first. */
export function byMethod(requests: readonly ServedRequest[]): string {
  return countsOf(
    requests.map(({ method, readType }) => (readType === undefined ? method : `${method} of ${readType}`)),
  );
}

/** How often each of the names is there, the most frequent first. */
export function countsOf(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .sort(([, one], [, other]) => other - one)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
}
