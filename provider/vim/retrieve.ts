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
  const options = create("RetrieveOptions", {});
  let page = await caller.call(propertyCollector, "RetrievePropertiesEx", { specSet, options }, { signal });
  const objects = [...(page?.objects ?? [])];
  while (page?.token !== undefined) {
    const { token } = page;
    page = await caller.call(propertyCollector, "ContinueRetrievePropertiesEx", { token }, { signal });
    objects.push(...page.objects);
  }
  return objects;
}
