import type { ManagedObjectReference, ObjectContent, PropertyFilterSpec } from "../../../schema/index.ts";
import { isSubtype } from "../../../schema/index.ts";
import { create } from "../codec/objects.ts";
import type { VimCaller } from "../soap/caller.ts";
import { TransportError } from "../soap/transport-error.ts";

/** A host sends pages of a hundred objects or more. */
const MOST_PAGES = 1_000;

/**
 * One request to the host's property collector, and one more for each further page of the answer.
 * @throws TransportError if the answer has other objects than the question. An object that is left out is not gone
 */
export async function retrieve(
  caller: VimCaller,
  specSet: readonly PropertyFilterSpec[],
  signal?: AbortSignal,
): Promise<readonly ObjectContent[]> {
  const { propertyCollector } = await caller.serviceContent(signal);
  const objects: ObjectContent[] = [];
  const options = create("RetrieveOptions", {});
  let page = await caller.call(propertyCollector, "RetrievePropertiesEx", { specSet, options }, { signal });
  for (let pages = 1; page !== undefined; pages++) {
    objects.push(...page.objects);
    const { token } = page;
    if (token === undefined) break;
    if (pages === MOST_PAGES) throw unusable(caller.host, "it has no end");
    page = await caller.call(propertyCollector, "ContinueRetrievePropertiesEx", { token }, { signal });
  }
  const problem = mismatch(specSet, objects);
  if (problem !== undefined) throw unusable(caller.host, problem);
  return objects;
}

function unusable(host: string, problem: string): TransportError {
  const message = `the answer to RetrievePropertiesEx cannot be used: ${problem}`;
  return new TransportError(message, { host, requestSent: true });
}

function mismatch(
  specSet: readonly PropertyFilterSpec[],
  found: readonly ObjectContent[],
): string | undefined {
  const types = specSet.flatMap(({ propSet }) => propSet.map(({ type }) => type));
  const roots = specSet.flatMap(({ objectSet }) => objectSet);
  const asked = roots.filter(({ selectSet }) => selectSet === undefined).map(({ obj }) => obj);
  const askedKeys = new Set(asked.map(keyOf));
  const isAskedFor =
    asked.length === roots.length
      ? (obj: ManagedObjectReference) => askedKeys.has(keyOf(obj))
      : ({ type: own }: ManagedObjectReference) => types.some((type) => isSubtype(own, type));
  const stranger = found.find(({ obj }) => !isAskedFor(obj));
  if (stranger) return `nobody asked for ${stranger.obj.type} ${stranger.obj.value}`;
  const keys = new Set(found.map(({ obj }) => keyOf(obj)));
  const missing = asked.find((obj) => !keys.has(keyOf(obj)));
  return missing && `it leaves out ${missing.type} ${missing.value}`;
}

function keyOf({ type, value }: ManagedObjectReference): string {
  return `${type} ${value}`;
}
