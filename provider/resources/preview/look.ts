import type { EsxiHost } from "../../host/esxi-host.ts";
import { HostError } from "../../host/host-error.ts";
import type { HostSight, NamedDatastore } from "../../host/host-facts.ts";
import { theDatastore } from "../../host/inventory/named-places.ts";
import type { Context } from "../frame/lifecycle.ts";
import type { ThisRun } from "./this-run.ts";

/** What a resource's wants are compared with. */
export interface Look {
  readonly host: EsxiHost;
  readonly sight: HostSight;
  readonly run: ThisRun;
  /** Names among the resource's inputs of which the same program makes something. */
  readonly madeHere: readonly string[];
  readonly context: Context;
}

/** The datastore of that name, or the only one. Undefined if none can be used. */
export function datastoreOf(
  { host, sight }: Pick<Look, "host" | "sight">,
  name: string | undefined,
): NamedDatastore | undefined {
  try {
    return theDatastore(host.name, sight.facts, name);
  } catch (error) {
    if (error instanceof HostError) return undefined;
    throw error;
  }
}
