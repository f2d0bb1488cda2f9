/**
 * The parts that every part of a simulated host may use: its data, its stored state, its objects, sessions and tasks.
 */
import type { AboutInfo, ManagedObjectReference } from "../schema/index.ts";
import { datastoreRef, networkRef } from "./core/ids.ts";
import type { ObjectRegistry } from "./core/objects.ts";
import type { HostOptions } from "./core/options.ts";
import type { Sessions } from "./core/sessions.ts";
import type { HostIdentity, Store } from "./core/store.ts";
import type { Datastore } from "./datastore/datastore.ts";
import type { Tasks } from "./task/tasks.ts";

export interface HostContext {
  readonly options: HostOptions;
  readonly about: AboutInfo;
  /** The index in API_VERSIONS. */
  readonly version: number;
  readonly identity: HostIdentity;
  readonly bootTime: Date;
  readonly store: Store;
  readonly objects: ObjectRegistry;
  readonly sessions: Sessions;
  readonly tasks: Tasks;
  readonly datastores: ReadonlyMap<string, Datastore>;
  /** Port groups that VMs can be on. */
  readonly networks: readonly string[];
}

/** Notifies the listeners that the datastores' free space may have changed. */
export function datastoresChanged({
  datastores,
  objects,
}: Pick<HostContext, "datastores" | "objects">): void {
  for (const { uuid } of datastores.values()) objects.changed(datastoreRef(uuid), "summary", "info");
}

export function datastoreRefs({ datastores }: Pick<HostContext, "datastores">): ManagedObjectReference[] {
  return [...datastores.values()].map(({ uuid }) => datastoreRef(uuid));
}

export function networkRefs({ networks }: Pick<HostContext, "networks">): ManagedObjectReference[] {
  return networks.map(networkRef);
}
