import type { ManagedObjectReference } from "../../../schema/index.ts";
import { called, decodeVmName, encodeVmName } from "../vm/reading/vm-name.ts";

/** A resource pool of a host. */
export interface NamedPool {
  readonly ref: ManagedObjectReference;
  readonly name: string;
  /** The names below the root pool, down to this one: `students/group-1`. Empty for the root pool. */
  readonly path: string;
  readonly parent: ManagedObjectReference | undefined;
}

interface FoundPool {
  readonly ref: ManagedObjectReference;
  readonly properties: {
    readonly name?: string | undefined;
    readonly parent?: ManagedObjectReference | undefined;
  };
}

/** Pools with their paths. A slash in a pool's own name is `%2f` in a path, however the host spells it. */
export function withPaths(pools: readonly FoundPool[]): NamedPool[] {
  const byId = new Map(pools.map((pool) => [pool.ref.value, pool]));
  const isRoot = (pool: FoundPool): boolean => pool.properties.parent?.type !== "ResourcePool";
  const pathOf = (pool: FoundPool): string => {
    if (isRoot(pool)) return "";
    const above = byId.get(pool.properties.parent?.value ?? "");
    const prefix = above === undefined ? "" : pathOf(above);
    const own = encodeVmName(decodeVmName(pool.properties.name ?? ""));
    return prefix === "" ? own : `${prefix}/${own}`;
  };
  return pools.map((pool) => ({
    ref: pool.ref,
    name: decodeVmName(pool.properties.name ?? ""),
    path: pathOf(pool),
    parent: isRoot(pool) ? undefined : pool.properties.parent,
  }));
}

/** Pools that have that name or path. */
export function poolsCalled(pools: readonly NamedPool[], nameOrPath: string): NamedPool[] {
  const byPath = pools.filter(({ path }) => path !== "" && path === nameOrPath);
  return byPath.length > 0 ? byPath : called(pools, nameOrPath, ({ name }) => name);
}
