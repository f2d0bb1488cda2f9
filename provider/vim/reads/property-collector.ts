import type {
  ManagedObjectReference,
  ObjectContent,
  ObjectSpec,
  PropertySpec,
} from "../../../schema/index.ts";
import { create, isSameObject } from "../codec/objects.ts";
import { abortable } from "../soap/abortable.ts";
import type { VimCaller } from "../soap/caller.ts";
import { gathering } from "./gather.ts";
import type { ManagedType, PropertyPath, PropertyValues, RetrievedObject } from "./managed-properties.ts";
import { ask } from "./read-queue.ts";
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
  return found.map(retrieved<T, P>);
}

/** As retrieveMany, as the host writes it. */
export async function retrieveExisting(
  caller: VimCaller,
  refs: readonly ManagedObjectReference[],
  properties: PropertySpec,
  signal?: AbortSignal,
): Promise<readonly ObjectContent[]> {
  const answers = Promise.all(refs.map((about) => ask(caller, { about, properties })));
  return (await abortable(answers, signal)).flat();
}

/**
 * As retrieveMany for one object, in one request with all that is asked until the next moment (gather.ts). Undefined if
 * the host does not have the object.
 */
export async function gatherOne<T extends ManagedType, P extends PropertyPath<T>>(
  caller: VimCaller,
  ref: ManagedObjectReference,
  type: T,
  paths: readonly P[],
): Promise<RetrievedObject<T, P> | undefined> {
  await gathering.moment();
  const [found] = await retrieveMany(caller, [ref], type, paths);
  return found;
}

/** Properties of all objects of a type in the host's inventory, in one request. */
export async function retrieveAll<T extends ManagedType, P extends PropertyPath<T>>(
  caller: VimCaller,
  type: T,
  paths: readonly P[],
  signal?: AbortSignal,
): Promise<readonly RetrievedObject<T, P>[]> {
  return (await walk(caller, type, paths, signal)).map(retrieved<T, P>);
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
  const types = Object.keys(wanted) as (keyof W & ManagedType)[];
  const all = types.map(async (type) => {
    const found = await walk(caller, type, wanted[type] ?? [], signal);
    return [type, found.map(retrieved)];
  });
  return Object.fromEntries(await Promise.all(all));
}

async function walk(
  caller: VimCaller,
  type: ManagedType,
  paths: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly ObjectContent[]> {
  const about = await rootOf(caller, type, signal);
  if (!about) return [];
  return abortable(ask(caller, { about, properties: propertySpec(type, paths) }), signal);
}

/** Where objects of that type are found. Undefined if the host has no such place. */
async function rootOf(
  caller: VimCaller,
  type: ManagedType,
  signal: AbortSignal | undefined,
): Promise<ObjectSpec | undefined> {
  const { rootFolder, licenseManager } = await caller.serviceContent(signal);
  if (type !== "LicenseManager") return inventorySpec(rootFolder, type);
  return licenseManager && create("ObjectSpec", { obj: licenseManager });
}

export function propertySpec(type: string, paths: readonly string[]): PropertySpec {
  return create("PropertySpec", { type, all: false, pathSet: paths });
}

function retrieved<T extends ManagedType, P extends string>(content: ObjectContent): RetrievedObject<T, P> {
  return { ref: content.obj, properties: valuesOf<T, P>(content) };
}

function valuesOf<T extends ManagedType, P extends string>(
  content: ObjectContent | undefined,
): PropertyValues<T, P> {
  const values = (content?.propSet ?? []).map(({ name, val }) => [name, val]);
  return Object.fromEntries(values) as PropertyValues<T, P>;
}
