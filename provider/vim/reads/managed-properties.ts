import type { ManagedObjectReference, VimProperties } from "../../../schema/index.ts";

export type ManagedType = keyof VimProperties & string;

/** A path into a managed object's properties: `runtime`, `runtime.powerState`, `config.files.vmPathName`, … */
export type PropertyPath<T extends ManagedType> =
  | (keyof VimProperties[T] & string)
  | `${keyof VimProperties[T] & string}.${string}`;

/** The type of the value at a path. */
type ValueAt<O, P extends string> = P extends keyof O
  ? O[P]
  : P extends `${infer Head}.${infer Rest}`
    ? Head extends keyof O
      ? ValueAt<NonNullable<O[Head]>, Rest>
      : unknown
    : unknown;

/** The values by path, for paths that have one. */
export type PropertyValues<T extends ManagedType, P extends string> = {
  readonly [K in P]?: ValueAt<VimProperties[T], K> | undefined;
};

/** A managed object with those of the wanted properties that it has. */
export interface RetrievedObject<T extends ManagedType, P extends string> {
  readonly ref: ManagedObjectReference;
  readonly properties: PropertyValues<T, P>;
}
