/** ViewManager, ContainerView and ListView. */
import { isSubtype, type ManagedObjectReference } from "../../schema/index.ts";
import { VIEW_MANAGER } from "../core/ids.ts";
import type { ManagedObject, ObjectRegistry } from "../core/objects.ts";
import { type Call, type ExtraHandlers, type Handlers, type Part, sessionOf } from "../handlers.ts";
import type { HostContext } from "../host-context.ts";
import { isReference } from "../soap/encode.ts";
import { invalidArgument, managedObjectNotFound } from "../soap/fault.ts";

/** Properties that lead from a container to its content. */
const CHILDREN: Readonly<Record<string, readonly string[]>> = {
  Folder: ["childEntity"],
  Datacenter: ["vmFolder", "hostFolder", "datastoreFolder", "networkFolder"],
  ComputeResource: ["host", "resourcePool"],
  ResourcePool: ["resourcePool", "vm"],
};

export function viewManager({ objects }: HostContext): Part {
  let next = 0;
  const containerViews = new Map<string, ManagedObjectReference>();
  const lists = new Map<string, ManagedObjectReference[]>();

  const add = (
    call: Call,
    type: string,
    readers: (id: string) => ManagedObject["readers"],
  ): ManagedObjectReference => {
    const session = sessionOf(call).key;
    const ref = { type, value: `session[${session}]52view-${next++}` };
    objects.add({ ref, session, readers: readers(ref.value) });
    return ref;
  };

  // A view's content changes with the inventory. Clients that watch the view are notified through the view's own
  // property.
  objects.subscribe((changed, properties) => {
    if (properties === undefined) containerViews.delete(changed.value);
    if (properties === undefined || !isContainer(changed.type, properties)) return;
    for (const ref of containerViews.values()) objects.changed(ref, "view");
  });

  const handlers: Handlers = {
    CreateContainerView(call, { container, type, recursive }) {
      const root = objects.find(container.value);
      if (root === undefined) throw managedObjectNotFound(container);
      if (CHILDREN[container.type] === undefined) throw invalidArgument("container");
      const wanted = type ?? [];
      const ref = add(call, "ContainerView", () => ({
        container: () => container,
        type: () => wanted,
        recursive: () => recursive,
        view: () => contents(objects, root, recursive, wanted),
      }));
      containerViews.set(ref.value, ref);
      return ref;
    },

    CreateListView(call, { obj }) {
      const list = [...(obj ?? [])];
      return add(call, "ListView", (id) => {
        lists.set(id, list);
        return { view: () => list.filter((ref) => objects.find(ref.value) !== undefined) };
      });
    },

    ModifyListView(call, { add: added, remove }) {
      const list = lists.get(call.object.ref.value) ?? [];
      const gone = new Set((remove ?? []).map((ref) => ref.value));
      const kept = list.filter((ref) => !gone.has(ref.value));
      const known = new Set(kept.map((ref) => ref.value));
      const unresolved: ManagedObjectReference[] = [];
      for (const ref of added ?? []) {
        if (objects.find(ref.value) === undefined) unresolved.push(ref);
        else if (!known.has(ref.value)) kept.push(ref);
      }
      list.splice(0, list.length, ...kept);
      objects.changed(call.object.ref, "view");
      return unresolved;
    },

    DestroyView(call) {
      lists.delete(call.object.ref.value);
      objects.remove(call.object.ref);
    },
  };
  const extraHandlers: ExtraHandlers = {
    ResetListView(call, { obj }) {
      const refs = Array.isArray(obj) ? obj.filter(isReference) : [];
      const known = refs.filter((ref) => objects.find(ref.value) !== undefined);
      lists.get(call.object.ref.value)?.splice(0, Number.POSITIVE_INFINITY, ...known);
      objects.changed(call.object.ref, "view");
      return refs.filter((ref) => !known.includes(ref));
    },
  };
  return { objects: [{ ref: VIEW_MANAGER, readers: { viewList: () => [] } }], handlers, extraHandlers };
}

function isContainer(type: string, properties: readonly string[]): boolean {
  return properties.some((name) => CHILDREN[type]?.includes(name));
}

function contents(
  objects: ObjectRegistry,
  container: ManagedObject,
  recursive: boolean,
  types: readonly string[],
): ManagedObjectReference[] {
  const found = new Map<string, ManagedObjectReference>();
  const seen = new Set<string>();
  const visit = (object: ManagedObject): void => {
    for (const property of CHILDREN[object.ref.type] ?? []) {
      for (const ref of references(object.readers[property]?.({ session: undefined }))) {
        if (seen.has(ref.value)) continue;
        seen.add(ref.value);
        if (types.length === 0 || types.some((type) => isSubtype(ref.type, type))) found.set(ref.value, ref);
        const child = objects.find(ref.value);
        if (recursive && child) visit(child);
      }
    }
  };
  visit(container);
  return [...found.values()];
}

function references(value: unknown): ManagedObjectReference[] {
  if (isReference(value)) return [value];
  return Array.isArray(value) ? value.filter(isReference) : [];
}
