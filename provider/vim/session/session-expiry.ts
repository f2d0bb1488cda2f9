import type { Method } from "../../../schema/index.ts";
import { isA, isRecord } from "../codec/objects.ts";
import type { FaultDetail } from "../faults.ts";

/**
 * After a session has expired, a host may answer a read with success, but with all properties missing because of
 * NotAuthenticated. Returns that as a fault. Undefined if the session is valid.
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
