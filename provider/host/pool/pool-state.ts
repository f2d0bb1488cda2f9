import type { ManagedObjectReference } from "../../../schema/index.ts";
import type { NamedPool } from "./pool-paths.ts";

/** How much of the CPU (MHz) or of the memory (MB) of the host a pool may have. */
export interface PoolAllocation {
  readonly reservation: number;
  readonly expandable: boolean;
  /** -1 for none. */
  readonly limit: number;
  readonly shareLevel: "low" | "normal" | "high" | "custom";
  /** What a level amounts to, or for `custom` the number itself. */
  readonly shares: number | undefined;
}

/** A resource pool as it is or is to be. */
export interface PoolState {
  readonly name: string;
  readonly cpu: PoolAllocation;
  readonly memory: PoolAllocation;
}

/** A resource pool of a host. */
export interface ObservedPool extends NamedPool {
  readonly state: PoolState;
  /** The pool that it is in; undefined for the root pool. */
  readonly inside: NamedPool | undefined;
  readonly vms: readonly ManagedObjectReference[];
}

/** What changes resource pools; who calls it has looked that the change can be made. */
export interface PoolWriter {
  /** @param within The pool that is to have it, which the program calls `parent`. */
  add(
    within: ManagedObjectReference,
    parent: string | undefined,
    wish: PoolState,
    signal: AbortSignal,
  ): Promise<ManagedObjectReference>;
  /** Renames a pool and gives it other figures. */
  update(pool: ObservedPool, wish: PoolState, signal: AbortSignal): Promise<unknown>;
  move(pool: ObservedPool, into: ManagedObjectReference, signal: AbortSignal): Promise<unknown>;
  /** Removes an empty pool. */
  remove(pool: ObservedPool, signal: AbortSignal): Promise<unknown>;
}

/** What of the host's pools a writer looks at. */
export interface PoolLook {
  byId(id: string): Promise<ObservedPool | undefined>;
  inside(parent: string | undefined, name: string): Promise<ObservedPool | undefined>;
}
