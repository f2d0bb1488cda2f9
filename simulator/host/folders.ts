/** Datacenter and Folder: the tree of the inventory. */
import type { ManagedObjectReference } from "../../schema/index.ts";
import * as ids from "../core/ids.ts";
import { entity, type ManagedObject } from "../core/objects.ts";
import type { Part } from "../handlers.ts";
import { datastoreRefs, type HostContext, networkRefs } from "../host-context.ts";
import type { Vms } from "../vm/vms.ts";

export function folders(host: HostContext, vms: Vms): Part {
  const datastores = () => datastoreRefs(host);
  const networks = () => networkRefs(host);
  return {
    objects: [
      folder(ids.ROOT_FOLDER, "ha-folder-root", undefined, ["Datacenter"], () => [ids.DATACENTER]),
      entity(ids.DATACENTER, "ha-datacenter", ids.ROOT_FOLDER, {
        vmFolder: () => ids.VM_FOLDER,
        hostFolder: () => ids.HOST_FOLDER,
        datastoreFolder: () => ids.DATASTORE_FOLDER,
        networkFolder: () => ids.NETWORK_FOLDER,
        datastore: datastores,
        network: networks,
        configuration: () => ({ defaultHardwareVersionKey: "vmx-21" }),
      }),
      folder(ids.VM_FOLDER, "vm", ids.DATACENTER, ["VirtualMachine"], () => vms.references()),
      folder(ids.HOST_FOLDER, "host", ids.DATACENTER, ["ComputeResource"], () => [ids.COMPUTE_RESOURCE]),
      folder(ids.DATASTORE_FOLDER, "datastore", ids.DATACENTER, ["Datastore"], datastores),
      folder(ids.NETWORK_FOLDER, "network", ids.DATACENTER, ["Network"], networks),
    ],
  };
}

function folder(
  ref: ManagedObjectReference,
  name: string,
  parent: ManagedObjectReference | undefined,
  childType: readonly string[],
  children: () => readonly ManagedObjectReference[],
): ManagedObject {
  return entity(ref, name, parent, { childType: () => childType, childEntity: () => [...children()] });
}
