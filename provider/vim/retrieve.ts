import type { ObjectContent, PropertyFilterSpec } from "../../schema/index.ts";
import type { VimCaller } from "./caller.ts";
import { create } from "./codec/objects.ts";

/** One request to the host's property collector, and as many more as the host pages its answer into. */
export async function retrieve(
  caller: VimCaller,
  specSet: readonly PropertyFilterSpec[],
  signal?: AbortSignal,
): Promise<readonly ObjectContent[]> {
  const { propertyCollector } = await caller.serviceContent(signal);
  const objects: ObjectContent[] = [];
  const options = create("RetrieveOptions", {});
  let page = await caller.call(propertyCollector, "RetrievePropertiesEx", { specSet, options }, { signal });
  while (page !== undefined) {
    objects.push(...page.objects);
    const { token } = page;
    if (token === undefined) break;
    page = await caller.call(propertyCollector, "ContinueRetrievePropertiesEx", { token }, { signal });
  }
  return objects;
}
