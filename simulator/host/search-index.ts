/** SearchIndex: finds VMs and other entities by their properties. */
import type { ManagedObjectReference } from "../../schema/index.ts";
import * as ids from "../core/ids.ts";
import type { ManagedObject } from "../core/objects.ts";
import type { Handlers, Part } from "../handlers.ts";
import type { HostContext } from "../host-context.ts";
import { isReference } from "../soap/encode.ts";
import { invalidArgument } from "../soap/fault.ts";
import { readGuest } from "../vm/guest/guest.ts";
import { storedName } from "../vm/identity/names.ts";
import { formatUuid } from "../vm/identity/uuid.ts";
import { guestContext } from "../vm/readers.ts";
import type { Vms } from "../vm/vms.ts";

/** Folders below the datacenter, by their names in inventory paths. */
const CHILDREN: Readonly<Record<string, readonly string[]>> = {
  Folder: ["childEntity"],
  Datacenter: ["vmFolder", "hostFolder", "datastoreFolder", "networkFolder"],
  ComputeResource: ["host", "resourcePool"],
  ResourcePool: ["resourcePool", "vm"],
};

const NOBODY = { session: undefined };

export function searchIndex(host: HostContext, vms: Vms): Part {
  const byUuid = (text: string, instance: boolean): ManagedObjectReference[] => {
    const uuid = formatUuid(text);
    if (uuid === undefined) throw invalidArgument("uuid");
    return vms
      .list()
      .filter((vm) => (instance ? vm.instanceUuid : vm.uuid) === uuid)
      .map((vm) => vm.ref);
  };
  const find = (uuid: string, vmSearch: boolean, instance: boolean): ManagedObjectReference[] => {
    if (vmSearch) return byUuid(uuid, instance);
    return uuid.toLowerCase() === host.identity.uuid ? [ids.HOST] : [];
  };
  const child = (parent: ManagedObject, name: string): ManagedObject | undefined => {
    for (const property of CHILDREN[parent.ref.type] ?? []) {
      for (const ref of references(parent.readers[property]?.(NOBODY))) {
        const object = host.objects.find(ref.value);
        if (object?.readers.name?.(NOBODY) === name) return object;
      }
    }
    return undefined;
  };

  const handlers: Handlers = {
    FindByUuid: (_call, { uuid, vmSearch, instanceUuid }) => find(uuid, vmSearch, instanceUuid ?? false)[0],
    FindAllByUuid: (_call, { uuid, vmSearch, instanceUuid }) => find(uuid, vmSearch, instanceUuid ?? false),

    FindByInventoryPath(_call, { inventoryPath }) {
      let at = host.objects.find(ids.ROOT_FOLDER.value);
      for (const part of inventoryPath.split("/").filter((one) => one !== "")) {
        at = at && child(at, part);
      }
      return at?.ref;
    },

    FindByDatastorePath: (_call, { path }) =>
      vms.list().find((vm) => vm.vmxPath === path.replace(/^(\[[^\]]+\])\s*\/*/, "$1 "))?.ref,

    FindChild(_call, { entity, name }) {
      const parent = host.objects.find(entity.value);
      if (parent === undefined) return undefined;
      return child(parent, entity.value === ids.VM_FOLDER.value && name !== "" ? storedName(name) : name)
        ?.ref;
    },

    FindByIp: (_call, { ip, vmSearch }) =>
      vmSearch
        ? vms
            .list()
            .find((vm) => readGuest(guestContext(host, vm)).net?.some((nic) => nic.ipAddress?.includes(ip)))
            ?.ref
        : undefined,
  };
  return { objects: [{ ref: ids.SEARCH_INDEX, readers: {} }], handlers };
}

function references(value: unknown): ManagedObjectReference[] {
  if (isReference(value)) return [value];
  return Array.isArray(value) ? value.filter(isReference) : [];
}
