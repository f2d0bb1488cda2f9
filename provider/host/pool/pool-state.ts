import type { ManagedObjectReference } from "../../../schema/index.ts";
import type { NamedPool } from "./pool-paths.ts";

/** How much of the CPU (MHz) or of the memory (MB) of the host a pool may have. */
export interface PoolAllocation {
  readonly reservation: number;
  readonly expandable: boolean;
  /** -1 for none. */
  readonly limit: number;
  readonly shareLevel: "low" | "normal" | "high" | "custom";
  /** The number of shares that a level means. For `custom`, the number itself. */
  readonly shares: number | undefined;
}

/** The actual or desired state of a resource pool. */
export interface PoolState {
  readonly name: string;
  readonly cpu: PoolAllocation;
  readonly memory: PoolAllocation;
}

/** A resource pool of a host. */
export interface ObservedPool extends NamedPool {
  readonly state: PoolState;
  /** The pool that it is in. Undefined for the root pool. */
  readonly inside: NamedPool | undefined;
  readonly vms: readonly ManagedObjectReference[];
}

/** Changes resource pools. The caller has looked whether the change can be made. */
export interface PoolWriter {
  /** @param within The pool in which it is made. The program calls it `parent`. */
  add(
    within: ManagedObjectReference,
    parent: string | undefined,
    wish: PoolState,
    signal: AbortSignal,
  ): Promise<ManagedObjectReference>;
  /** Renames a pool and changes its allocations. */
  update(pool: ObservedPool, wish: PoolState, signal: AbortSignal): Promise<unknown>;
  move(pool: ObservedPool, into: ManagedObjectReference, signal: AbortSignal): Promise<unknown>;
  /** Removes an empty pool. */
  remove(pool: ObservedPool, signal: AbortSignal): Promise<unknown>;
}

/** What a writer asks about the host's pools. */
export interface PoolLook {
  byId(id: string): Promise<ObservedPool | undefined>;
  inside(parent: string | undefined, name: string): Promise<ObservedPool | undefined>;
}
