/** OvfManager, and ImportVApp of a resource pool: how an OVA becomes a VM under a lease. */
import type { VirtualMachineImportSpec } from "../../schema/index.ts";
import * as ids from "../core/ids.ts";
import type { Datastore } from "../datastore/datastore.ts";
import { type Handlers, type Part, sessionOf } from "../handlers.ts";
import type { HostContext } from "../host-context.ts";
import { createImportSpec } from "../ovf/import-spec.ts";
import type { Pools } from "../pools/pools.ts";
import { managedObjectNotFound, notSupported } from "../soap/fault.ts";
import { newestHardware } from "../vm/hardware-version.ts";
import type { Leases } from "./leases.ts";

export function ovfManager(host: HostContext, pools: Pools, leases: Leases): Part {
  const datastoreOf = (ref: { type: string; value: string }): Datastore => {
    const found = [...host.datastores.values()].find((one) => one.uuid === ref.value);
    if (found === undefined) throw managedObjectNotFound(ref);
    return found;
  };

  const handlers: Handlers = {
    CreateImportSpec(_call, { ovfDescriptor, resourcePool, datastore, cisp }) {
      pools.check(resourcePool);
      if (cisp.hostSystem && cisp.hostSystem.value !== ids.HOST.value)
        throw managedObjectNotFound(cisp.hostSystem);
      const { name, uuid } = datastoreOf(datastore);
      const result = createImportSpec(ovfDescriptor, cisp, {
        networks: host.networks.map((network) => ({ name: network, moref: ids.networkRef(network) })),
        datastore: { name, moref: ids.datastoreRef(uuid) },
        maxHardwareVersion: newestHardware(host.options.apiVersion),
        resourcePool,
      });
      leases.promise((result.fileItem ?? []).map((item) => item.deviceId));
      return result;
    },

    ImportVApp(call, { spec, folder, host: on }) {
      pools.check(call.object.ref);
      if (spec.$type !== "VirtualMachineImportSpec") throw notSupported();
      if (folder && folder.value !== ids.VM_FOLDER.value) throw managedObjectNotFound(folder);
      if (on && on.value !== ids.HOST.value) throw managedObjectNotFound(on);
      return leases.start(call, asVirtualMachine(spec), sessionOf(call).userName).ref;
    },
  };
  return {
    objects: [{ ref: ids.OVF_MANAGER, readers: { ovfImportOption: () => [], ovfExportOption: () => [] } }],
    handlers,
  };
}

// The handler has looked at its type.
function asVirtualMachine(spec: { readonly $type?: string }): VirtualMachineImportSpec {
  return spec as VirtualMachineImportSpec;
}
