import type { EsxiHost } from "../../host/esxi-host.ts";
import { isUnknown } from "../inputs/check-inputs.ts";
import type { Context, Properties } from "./lifecycle.ts";
import { text } from "./own-host.ts";

/**
 * Whether a resource is to be on another host than it is, as far as the configuration tells: a name that it does not have any
 * more is no other host.
 */
export function namesAnotherHost(olds: Properties, news: Properties, context: Context): boolean {
  if (isUnknown(news.host)) return true;
  if (text(olds.host) === text(news.host)) return false;
  const before = configured(olds, context);
  return before !== undefined && before !== configured(news, context);
}

/**
 * Whether a resource stays where it is although the program names its host in another way: the configuration has the same
 * address under both names, or has the host under the new one only, and it is the one that state means.
 */
export async function isRenamedHost(olds: Properties, news: Properties, context: Context): Promise<boolean> {
  if (text(olds.host) === text(news.host) || namesAnotherHost(olds, news, context)) return false;
  const host = configured(news, context);
  if (host === undefined) return false;
  if (host === configured(olds, context)) return true;
  try {
    return (await host.facts()).hostUuid === olds.hostUuid;
  } catch (error) {
    // What does not answer is not known to be the same.
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
