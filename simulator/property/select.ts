/** The objects and properties that a PropertyFilterSpec selects now. */
import {
  findManagedObject,
  isSubtype,
  type ManagedObjectReference,
  type ObjectSpec,
  type PropertyFilterSpec,
  type SelectionSpec,
  type TraversalSpec,
} from "../../schema/index.ts";
import type { ManagedObject, ObjectRegistry } from "../core/objects.ts";
import { isReference } from "../soap/encode.ts";
import { invalidArgument, managedObjectNotFound, VimFault } from "../soap/fault.ts";
import { checkPath, type PathReader, readPath, rootOf } from "./property-path.ts";

export interface Selection {
  /** Selected objects in the order they were found, each with its property paths to report. */
  readonly objects: ReadonlyMap<
    string,
    { readonly object: ManagedObject; readonly paths: readonly string[] }
  >;
  /** `Type.property` of everything on the way of the traversal. A change there changes the selection. */
  readonly traversed: ReadonlySet<string>;
  readonly missing: readonly ManagedObjectReference[];
}

/** The objects that a session can see. */
export interface Scope extends PathReader {
  readonly registry: ObjectRegistry;
}

export function visible(scope: Scope, ref: ManagedObjectReference): ManagedObject | undefined {
  const object = scope.registry.find(ref.value);
  return object && (object.session === undefined || object.session === scope.session) ? object : undefined;
}

/**
 * @param lenient lists an object that is gone as missing, instead of failing the call
 * @throws VimFault ManagedObjectNotFound, InvalidProperty, InvalidArgument, InvalidType
 */
export function select(spec: PropertyFilterSpec, scope: Scope, lenient = false): Selection {
  checkSpec(spec, scope.version);
  const objects = new Map<string, { object: ManagedObject; paths: readonly string[] }>();
  const traversed = new Set<string>();
  const missing: ManagedObjectReference[] = [];

  for (const root of spec.objectSet) {
    const object = visible(scope, root.obj);
    if (object === undefined) {
      if (!lenient && !spec.reportMissingObjectsInResults) throw managedObjectNotFound(root.obj);
      missing.push(root.obj);
      continue;
    }
    const named = namedSpecs(root);
    const visited = new Set<string>();
    if (!root.skip) include(object);
    follow(object, root.selectSet ?? []);

    function follow(from: ManagedObject, selectSet: readonly SelectionSpec[]): void {
      for (const selection of selectSet) {
        const traversal = isTraversal(selection) ? selection : named.get(selection.name ?? "");
        if (traversal === undefined) throw invalidArgument("specSet.objectSet.selectSet.name");
        if (isSubtype(from.ref.type, traversal.type)) step(from, traversal);
      }
    }

    function step(from: ManagedObject, traversal: TraversalSpec): void {
      const place = `${from.ref.value} ${traversal.name ?? ""} ${traversal.type} ${traversal.path}`;
      if (visited.has(place)) return;
      visited.add(place);
      traversed.add(`${from.ref.type}.${rootOf(traversal.path)}`);
      for (const ref of references(readPath(from, traversal.path, scope)?.value)) {
        const target = visible(scope, ref);
        if (target === undefined) continue;
        if (!traversal.skip) include(target);
        follow(target, traversal.selectSet ?? []);
      }
    }
  }

  function include(object: ManagedObject): void {
    const paths = pathsFor(spec, object, scope.version);
    if (paths !== undefined) objects.set(object.ref.value, { object, paths });
  }

  return { objects, traversed, missing };
}

/** The paths that the spec asks for on an object. Undefined if no PropertySpec is for its type. */
function pathsFor(
  spec: PropertyFilterSpec,
  object: ManagedObject,
  version: number,
): readonly string[] | undefined {
  const specs = spec.propSet.filter((one) => isSubtype(object.ref.type, one.type));
  if (specs.length === 0) return undefined;
  const paths = new Set<string>();
  for (const one of specs) {
    if (one.all) {
      for (const property of findManagedObject(object.ref.type)?.properties ?? []) {
        if (property.version <= version) paths.add(property.name);
      }
    } else for (const path of one.pathSet ?? []) paths.add(path);
  }
  return [...paths];
}

function checkSpec(spec: PropertyFilterSpec, version: number): void {
  if (spec.propSet.length === 0) throw invalidArgument("specSet.propSet");
  if (spec.objectSet.length === 0) throw invalidArgument("specSet.objectSet");
  for (const one of spec.propSet) {
    if (findManagedObject(one.type) === undefined) throw invalidType(one.type);
    for (const path of one.pathSet ?? []) checkPath(one.type, path, version);
  }
  for (const root of spec.objectSet)
    for (const selection of root.selectSet ?? []) checkSelection(selection, version);
}

function checkSelection(selection: SelectionSpec, version: number): void {
  if (!isTraversal(selection)) return;
  if (findManagedObject(selection.type) === undefined) throw invalidType(selection.type);
  checkPath(selection.type, selection.path, version);
  for (const inner of selection.selectSet ?? []) checkSelection(inner, version);
}

function invalidType(argument: string): VimFault {
  return new VimFault("InvalidType", `Type not found: ${argument}`, { argument });
}

function namedSpecs(root: ObjectSpec): Map<string, TraversalSpec> {
  const named = new Map<string, TraversalSpec>();
  const collect = (selectSet: readonly SelectionSpec[]): void => {
    for (const selection of selectSet) {
      if (!isTraversal(selection)) continue;
      if (selection.name !== undefined) named.set(selection.name, selection);
      collect(selection.selectSet ?? []);
    }
  };
  collect(root.selectSet ?? []);
  return named;
}

function isTraversal(selection: SelectionSpec): selection is TraversalSpec {
  return selection.$type === "TraversalSpec";
}

function references(value: unknown): ManagedObjectReference[] {
  if (isReference(value)) return [value];
  return Array.isArray(value) ? value.filter(isReference) : [];
}
