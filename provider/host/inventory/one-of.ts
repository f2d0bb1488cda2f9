import { didYouMean } from "../../ovf/did-you-mean.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { LookUpError } from "./look-up-error.ts";

/**
 * The item of that name.
 * @param what What they are, as `datastore`.
 * @throws LookUpError naming those that there are.
 */
export function oneNamed<T extends { readonly name: string }>(
  host: EsxiHost,
  items: readonly T[],
  name: string,
  what: string,
): T {
  const found = items.find((item) => item.name === name);
  if (found) return found;
  const hint = didYouMean(
    name,
    items.map((item) => item.name),
    `${what}s`,
    host.name,
  );
  throw new LookUpError(`${host.name} has no ${what} "${name}": ${hint}.`);
}
