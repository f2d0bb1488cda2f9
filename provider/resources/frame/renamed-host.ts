import type { EsxiHost } from "../../host/esxi-host.ts";
import { isUnknown } from "../inputs/check-inputs.ts";
import type { Context, Properties } from "./lifecycle.ts";
import { text } from "./own-host.ts";

/**
 * Whether a resource is to be on another host than it is, as far as the configuration tells. If the configuration no
 * longer has the old name, that alone does not make it another host.
 */
export function namesAnotherHost(olds: Properties, news: Properties, context: Context): boolean {
  if (isUnknown(news.host)) return true;
  if (text(olds.host) === text(news.host)) return false;
  const before = configured(olds, context);
  return before !== undefined && before !== configured(news, context);
}

/**
 * Whether a resource stays where it is although the program gives its host another name. That is so if the
 * configuration has the same address under both names. It is also so if the configuration has only the new name, and
 * the host behind it is the one that state means.
 */
export async function isRenamedHost(olds: Properties, news: Properties, context: Context): Promise<boolean> {
  if (text(olds.host) === text(news.host) || namesAnotherHost(olds, news, context)) return false;
  const host = configured(news, context);
  if (host === undefined) return false;
  if (host === configured(olds, context)) return true;
  try {
    return (await host.facts()).hostUuid === olds.hostUuid;
  } catch (error) {
    // Nobody knows whether a host that does not answer is the same.
    if (error instanceof Error) return false;
    throw error;
  }
}

function configured({ host }: Properties, context: Context): EsxiHost | undefined {
  try {
    return context.host(text(host));
  } catch {
    return undefined;
  }
}
