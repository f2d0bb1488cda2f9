import type { ManagedObjectReference, ObjectContent, PropertySpec } from "../../../schema/index.ts";
import { isSubtype } from "../../../schema/index.ts";
import { create, isSameObject } from "../codec/objects.ts";
import { goneObject } from "../faults.ts";
import { abortable } from "../soap/abortable.ts";
import type { VimCaller } from "../soap/caller.ts";
import { readJointly } from "./joint-reads.ts";
import type { ManagedType, PropertyPath, PropertyValues, RetrievedObject } from "./property-path.ts";
import { retrieve } from "./retrieve.ts";
import { inventorySpec } from "./traversal.ts";

/** Properties of one object. Throws VimFault ManagedObjectNotFound if the host does not have it. */
export async function retrieveOne<T extends ManagedType, P extends PropertyPath<T>>(
  caller: VimCaller,
  ref: ManagedObjectReference,
  type: T,
  paths: readonly P[],
  signal?: AbortSignal,
): Promise<PropertyValues<T, P>> {
  const objectSet = [create("ObjectSpec", { obj: ref, skip: false })];
  const found = await retrieve(caller, [{ propSet: [propertySpec(type, paths)], objectSet }], signal);
  return valuesOf<T, P>(found.find(({ obj }) => isSameObject(obj, ref)));
}

/** Properties of the given objects that the host has. One request if all of them exist. */
export async function retrieveMany<T extends ManagedType, P extends PropertyPath<T>>(
  caller: VimCaller,
  refs: readonly ManagedObjectReference[],
  type: T,
  paths: readonly P[],
  signal?: AbortSignal,
): Promise<readonly RetrievedObject<T, P>[]> {
  const found = await retrieveExisting(caller, refs, propertySpec(type, paths), signal);
  return found.map((content) => ({ ref: content.obj, properties: valuesOf<T, P>(content) }));
}

/**
 * The given objects that the host has. One that is gone fails the whole request. Then the others are asked for again.
 */
export async function retrieveExisting(
  caller: VimCaller,
  refs: readonly ManagedObjectReference[],
  wantedProperties: PropertySpec,
  signal?: AbortSignal,
): Promise<readonly ObjectContent[]> {
  let wanted = refs;
  while (wanted.length > 0) {
    try {
      const objectSet = wanted.map((obj) => create("ObjectSpec", { obj, skip: false }));
      return await abortable(readJointly(caller, { objectSet, properties: wantedProperties }), signal);
    } catch (error) {
      const gone = goneObject(error);
      const rest = gone && wanted.filter((ref) => !isSameObject(ref, gone));
      if (!rest || rest.length === wanted.length) throw error;
      wanted = rest;
    }
  }
  return [];
}

/** Properties of all objects of a type in the host's inventory, in one request. */
export async function retrieveAll<T extends ManagedType, P extends PropertyPath<T>>(
  caller: VimCaller,
  type: T,
  paths: readonly P[],
  signal?: AbortSignal,
): Promise<readonly RetrievedObject<T, P>[]> {
  const { rootFolder } = await caller.serviceContent(signal);
  const objectSet = [inventorySpec(rootFolder, type)];
  const found = await retrieve(caller, [{ propSet: [propertySpec(type, paths)], objectSet }], signal);
  return found.map((content) => ({ ref: content.obj, properties: valuesOf<T, P>(content) }));
}

/** As retrieveAll, in one request with questions about other types at the same moment. */
export async function retrieveAllJointly<T extends ManagedType, P extends PropertyPath<T>>(
  caller: VimCaller,
  type: T,
  paths: readonly P[],
): Promise<readonly RetrievedObject<T, P>[]> {
  const { rootFolder } = await caller.serviceContent();
  const objectSet = [inventorySpec(rootFolder, type)];
  const found = await readJointly(caller, { objectSet, properties: propertySpec(type, paths) });
  return found.map((content) => ({ ref: content.obj, properties: valuesOf<T, P>(content) }));
}

/** The wanted properties, by type of object. */
type Wanted = { readonly [T in ManagedType]?: readonly PropertyPath<T>[] };

/** The objects of each wanted type. */
type Found<W extends Wanted> = {
  readonly [T in keyof W & ManagedType]: readonly RetrievedObject<T, NonNullable<W[T]>[number] & string>[];
};

/** As retrieveAll, for several types in one request. The manager of licences, which is beside the inventory, may be one of them. */
export async function retrieveInventory<const W extends Wanted>(
  caller: VimCaller,
  wanted: W,
  signal?: AbortSignal,
): Promise<Found<W>> {
  const { rootFolder, licenseManager } = await caller.serviceContent(signal);
  const types = Object.keys(wanted) as (keyof W & ManagedType)[];
  const roots = (type: ManagedType) => {
    if (type !== "LicenseManager") return [inventorySpec(rootFolder, type)];
    return licenseManager ? [create("ObjectSpec", { obj: licenseManager })] : [];
  };
  const specs = types.flatMap((type) => {
    const objectSet = roots(type);
    return objectSet.length === 0 ? [] : [{ propSet: [propertySpec(type, wanted[type] ?? [])], objectSet }];
  });
  const objects = await retrieve(caller, specs, signal);
  const ofType = (type: string) =>
    objects
      .filter(({ obj }) => isSubtype(obj.type, type))
      .map((content) => ({ ref: content.obj, properties: valuesOf(content) }));
  const found: Partial<Record<keyof W & ManagedType, unknown>> = {};
  for (const type of types) found[type] = ofType(type);
  return found as Found<W>;
}

export function propertySpec(type: string, paths: readonly string[]): PropertySpec {
  return create("PropertySpec", { type, all: false, pathSet: paths });
}

function valuesOf<T extends ManagedType, P extends string>(
  content: ObjectContent | undefined,
): PropertyValues<T, P> {
  return Object.fromEntries((content?.propSet ?? []).map(({ name, val }) => [name, val])) as PropertyValues<
    T,
    P
  >;
}
