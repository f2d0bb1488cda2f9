import { didYouMean } from "../../ovf/did-you-mean.ts";
import type { EsxiHost } from "../esxi-host.ts";
import { called } from "../vm/reading/vm-name.ts";
import { LookUpError } from "./look-up-error.ts";

/**
 * The item of that name.
 * @param what What the items are, as `datastore`.
 * @throws LookUpError with the names that there are, or if several may be meant.
 */
export function oneNamed<T extends { readonly name: string }>(
  host: EsxiHost,
  items: readonly T[],
  name: string,
  what: string,
): T {
  const [found, another] = called(items, name, (item) => item.name);
  if (found && another) throw new LookUpError(`${host.name} has several ${what}s that "${name}" may mean.`);
  if (found) return found;
  const hint = didYouMean(
    name,
    items.map((item) => item.name),
    `${what}s`,
    host.name,
  );
  throw new LookUpError(`${host.name} has no ${what} "${name}": ${hint}.`);
}
