import type { ObjectContent, PropertyFilterSpec } from "../../schema/index.ts";
import type { VimCaller } from "./caller.ts";
import { create } from "./codec/objects.ts";

/** One request to the host's property collector, and as many more as the host pages its answer into. */
export async function retrieve(
  caller: VimCaller,
  specSet: readonly PropertyFilterSpec[],
  signal?: AbortSignal,
): Promise<readonly ObjectContent[]> {
  const objects: ObjectContent[] = [];
  for await (const page of retrievePages(caller, specSet, undefined, signal)) objects.push(...page);
  return objects;
}

/** The same, page by page: the host prepares the next one while the last one is worked on. */
export async function* retrievePages(
  caller: VimCaller,
  specSet: readonly PropertyFilterSpec[],
  maxObjects: number | undefined,
  signal?: AbortSignal,
): AsyncGenerator<readonly ObjectContent[], void, void> {
  const { propertyCollector } = await caller.serviceContent(signal);
  const options = create("RetrieveOptions", { maxObjects });
  let page = await caller.call(propertyCollector, "RetrievePropertiesEx", { specSet, options }, { signal });
  while (page !== undefined) {
    const { token, objects } = page;
    const next =
      token === undefined
        ? undefined
        : caller.call(propertyCollector, "ContinueRetrievePropertiesEx", { token }, { signal });
    // Awaited below; until then nobody listens.
    next?.catch(() => {});
    yield objects;
    page = await next;
  }
}
