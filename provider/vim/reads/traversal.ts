import type {
  ManagedObjectReference,
  ObjectSpec,
  SelectionSpec,
  TraversalSpec,
} from "../../../schema/index.ts";
import { create } from "../codec/objects.ts";
import type { ManagedType } from "./managed-properties.ts";

/** A step from objects of a type along one property, and the steps that follow it. */
interface Step {
  readonly type: string;
  readonly path: string;
  readonly next: readonly string[];
}

const VM_TREE: Readonly<Record<string, Step>> = {
  children: { type: "Folder", path: "childEntity", next: ["children", "vmFolder"] },
  vmFolder: { type: "Datacenter", path: "vmFolder", next: ["children"] },
};
const HOST_TREE: Readonly<Record<string, Step>> = {
  children: { type: "Folder", path: "childEntity", next: ["children", "hostFolder", "hosts", "pool"] },
  hostFolder: { type: "Datacenter", path: "hostFolder", next: ["children"] },
  hosts: { type: "ComputeResource", path: "host", next: [] },
  pool: { type: "ComputeResource", path: "resourcePool", next: ["pools"] },
  pools: { type: "ResourcePool", path: "resourcePool", next: ["pools"] },
};

/**
 * How all objects of a type are reached from the root folder. One request for each type, whatever the number of
 * objects.
 */
const TREES: Partial<Record<ManagedType, Readonly<Record<string, Step>>>> = {
  VirtualMachine: VM_TREE,
  HostSystem: HOST_TREE,
  ComputeResource: HOST_TREE,
  ResourcePool: HOST_TREE,
  Datacenter: { children: { type: "Folder", path: "childEntity", next: ["children"] } },
  Folder: VM_TREE,
  Datastore: {
    children: { type: "Folder", path: "childEntity", next: ["children", "datastores"] },
    datastores: { type: "Datacenter", path: "datastore", next: [] },
  },
  Network: {
    children: { type: "Folder", path: "childEntity", next: ["children", "networks"] },
    networks: { type: "Datacenter", path: "network", next: [] },
  },
};

/** Selects all objects of the type in the inventory. Throws for a type that is not in the inventory. */
export function inventorySpec(rootFolder: ManagedObjectReference, type: ManagedType): ObjectSpec {
  const tree = TREES[type];
  if (!tree) throw new Error(`${type} objects are not found by a walk through the inventory.`);
  return create("ObjectSpec", { obj: rootFolder, skip: false, selectSet: selections(tree) });
}

/** Selects the members of a list view. */
export function listViewSpec(view: ManagedObjectReference): ObjectSpec {
  const members = traversal("view", { type: "ListView", path: "view", next: [] });
  return create("ObjectSpec", { obj: view, skip: true, selectSet: [members] });
}

function selections(tree: Readonly<Record<string, Step>>): TraversalSpec[] {
  return Object.entries(tree).map(([name, step]) => traversal(name, step));
}

function traversal(name: string, step: Step): TraversalSpec {
  const selectSet: SelectionSpec[] = step.next.map((next) => create("SelectionSpec", { name: next }));
  return create("TraversalSpec", { name, type: step.type, path: step.path, skip: false, selectSet });
}
