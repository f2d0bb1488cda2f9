/** OvfManager, ResourcePool.ImportVApp and HttpNfcLease. */

import type { VirtualMachineImportSpec } from "../../schema/index.ts";
import * as ids from "../core/ids.ts";
import type { Datastore } from "../datastore/datastore.ts";
import type { Host } from "../host/host.ts";
import { createImportSpec } from "../ovf/import-spec.ts";
import { managedObjectNotFound, notSupported, VimFault } from "../soap/fault.ts";
import { type Call, type Handlers, sessionOf } from "../soap/handlers.ts";
import { newestHardware } from "../vm/hardware-version.ts";
import type { Lease } from "./lease.ts";
import { filesToPull, pull, setChecksumTypes } from "./pull.ts";

const MAX_PERCENT = 100;

export function leaseHandlers(host: Host): Handlers {
  const leaseOf = (call: Call): Lease => {
    const lease = host.leases.find(call.object.ref.value);
    if (lease === undefined) throw managedObjectNotFound(call.object.ref);
    return lease;
  };
  const datastoreOf = (ref: { type: string; value: string }): Datastore => {
    const found = [...host.datastores.values()].find((one) => one.uuid === ref.value);
    if (found === undefined) throw managedObjectNotFound(ref);
    return found;
  };

  return {
    CreateImportSpec(_call, { ovfDescriptor, resourcePool, datastore, cisp }) {
      host.pools.check(resourcePool);
      if (cisp.hostSystem && cisp.hostSystem.value !== ids.HOST.value)
        throw managedObjectNotFound(cisp.hostSystem);
      const { name, uuid } = datastoreOf(datastore);
      const result = createImportSpec(ovfDescriptor, cisp, {
        networks: host.networks.map((network) => ({ name: network, moref: ids.networkRef(network) })),
        datastore: { name, moref: ids.datastoreRef(uuid) },
        maxHardwareVersion: newestHardware(host.options.apiVersion),
        resourcePool,
      });
      host.leases.promise((result.fileItem ?? []).map((item) => item.deviceId));
      return result;
    },

    ImportVApp(call, { spec, folder, host: on }) {
      host.pools.check(call.object.ref);
      if (spec.$type !== "VirtualMachineImportSpec") throw notSupported();
      if (folder && folder.value !== ids.VM_FOLDER.value) throw managedObjectNotFound(folder);
      if (on && on.value !== ids.HOST.value) throw managedObjectNotFound(on);
      return host.leases.start(call, asVirtualMachine(spec), sessionOf(call).userName).ref;
    },

    HttpNfcLeaseProgress(call, { percent }) {
      const lease = leaseOf(call);
      lease.needReady();
      if (percent < 0 || percent > MAX_PERCENT) {
        throw new VimFault("InvalidArgument", "A specified parameter was not correct: percent", {
          invalidProperty: "percent",
        });
      }
      lease.setPercent(percent);
    },

    async HttpNfcLeaseComplete(call) {
      const lease = leaseOf(call);
      lease.complete();
      await lease.over;
    },

    async HttpNfcLeaseAbort(call, { fault }) {
      const lease = leaseOf(call);
      if (lease.state !== "initializing") lease.needReady();
      const message = fault?.localizedMessage ?? "The task was canceled by a user.";
      lease.fail(new VimFault("RequestCanceled", message));
      await lease.over;
    },

    HttpNfcLeasePullFromUrls_Task(call, { files }) {
      const lease = leaseOf(call);
      if (host.options.behaviour.pullFromUrls === "refused") throw notSupported();
      lease.needReady();
      const pulled = filesToPull(lease, files);
      return host.tasks.start(
        {
          method: call.method,
          operation: "vim.HttpNfcLease.pullFromUrls",
          entity: lease.ref,
          entityName: lease.vmName,
          userName: sessionOf(call).userName,
          cancelable: true,
        },
        async (control) => {
          const work = pull(lease, pulled, control);
          lease.track(work);
          await work;
        },
      );
    },

    HttpNfcLeaseSetManifestChecksumType(call, { deviceUrlsToChecksumTypes }) {
      const lease = leaseOf(call);
      lease.needReady();
      setChecksumTypes(lease, deviceUrlsToChecksumTypes);
    },

    HttpNfcLeaseGetManifest(call) {
      const lease = leaseOf(call);
      lease.needReady();
      return lease.manifest();
    },
  };
}

// The handler has looked at its type.
function asVirtualMachine(spec: { readonly $type?: string }): VirtualMachineImportSpec {
  return spec as VirtualMachineImportSpec;
}
