import type { Method } from "../../../schema/index.ts";
import { isA, isRecord } from "../codec/objects.ts";
import type { FaultDetail } from "../faults.ts";

/**
 * A host may answer a read in an expired session with success, all properties missing for want of a login. Returns
 * that as the fault it is, or undefined if the session is fine.
 */
export function expiredSessionIn(
  method: Method,
  result: unknown,
): { readonly fault: FaultDetail; readonly message: string } | undefined {
  if (method.owner !== "PropertyCollector" || !isRecord(result)) return undefined;
  for (const content of objectsIn(result)) {
    if (!isA(content, "ObjectContent") && !isA(content, "ObjectUpdate")) continue;
    for (const { fault } of content.missingSet ?? []) {
      if (isA(fault.fault, "NotAuthenticated")) {
        return {
          fault: { ...fault.fault, $type: "NotAuthenticated" },
          message: fault.localizedMessage ?? "The session is not authenticated.",
        };
      }
    }
  }
  return undefined;
}

function objectsIn(result: Readonly<Record<string, unknown>>): readonly unknown[] {
  if (isA(result, "RetrieveResult")) return result.objects;
  if (isA(result, "UpdateSet")) return (result.filterSet ?? []).flatMap((filter) => filter.objectSet ?? []);
  return [];
}
