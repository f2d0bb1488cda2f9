/** The inventory as the host starts: folders, datacenter, pools, datastores, networks, and the managers. */
import type { ManagedObjectReference } from "../../schema/index.ts";
import { serviceContent } from "../core/about.ts";
import * as ids from "../core/ids.ts";
import { entityReaders, type PropertyReaders } from "../core/objects.ts";
import type { Datastore } from "../datastore/datastore.ts";
import { poolReaders } from "../pools/readers.ts";
import { escapedName } from "../vm/identity/names.ts";
import { datastoreReaders } from "./datastore-object.ts";
import type { Host } from "./host.ts";
import { hostReaders } from "./host-system.ts";
import { addManagers } from "./managers.ts";
import { computeSummary } from "./resources.ts";

export function addInventory(host: Host): void {
  const { objects } = host;
  const entity = (
    ref: ManagedObjectReference,
    name: string,
    parent: ManagedObjectReference | undefined,
    own: PropertyReaders,
  ): void => objects.add({ ref, readers: entityReaders(() => name, parent, own) });
  const folder = (
    ref: ManagedObjectReference,
    name: string,
    parent: ManagedObjectReference | undefined,
    childType: readonly string[],
    children: () => readonly ManagedObjectReference[],
  ): void => entity(ref, name, parent, { childType: () => childType, childEntity: () => [...children()] });

  const datastores = (): ManagedObjectReference[] =>
    [...host.datastores.values()].map((one) => ids.datastoreRef(one.uuid));
  const networks = (): ManagedObjectReference[] => host.networks.map(ids.networkRef);

  objects.add({
    ref: ids.SERVICE_INSTANCE,
    readers: {
      serverClock: () => new Date().toISOString(),
      capability: () => ({
        provisioningSupported: false,
        multiHostSupported: false,
        userShellAccessSupported: false,
      }),
      content: () => serviceContent(host.about),
    },
  });
  folder(ids.ROOT_FOLDER, "ha-folder-root", undefined, ["Datacenter"], () => [ids.DATACENTER]);
  entity(ids.DATACENTER, "ha-datacenter", ids.ROOT_FOLDER, {
    vmFolder: () => ids.VM_FOLDER,
    hostFolder: () => ids.HOST_FOLDER,
    datastoreFolder: () => ids.DATASTORE_FOLDER,
    networkFolder: () => ids.NETWORK_FOLDER,
    datastore: datastores,
    network: networks,
    configuration: () => ({ defaultHardwareVersionKey: "vmx-21" }),
  });
  folder(ids.VM_FOLDER, "vm", ids.DATACENTER, ["VirtualMachine"], () => host.vms.references());
  folder(ids.HOST_FOLDER, "host", ids.DATACENTER, ["ComputeResource"], () => [ids.COMPUTE_RESOURCE]);
  folder(ids.DATASTORE_FOLDER, "datastore", ids.DATACENTER, ["Datastore"], datastores);
  folder(ids.NETWORK_FOLDER, "network", ids.DATACENTER, ["Network"], networks);

  entity(ids.COMPUTE_RESOURCE, "localhost.localdomain", ids.HOST_FOLDER, {
    resourcePool: () => ids.ROOT_POOL,
    host: () => [ids.HOST],
    datastore: datastores,
    network: networks,
    summary: computeSummary,
    environmentBrowser: () => ids.ENVIRONMENT_BROWSER,
    configurationEx: () => ({ $type: "ComputeResourceConfigInfo", vmSwapPlacement: "vmDirectory" }),
  });
  objects.add({ ref: ids.ROOT_POOL, readers: poolReaders(host, ids.ROOT_POOL.value) });
  entity(ids.HOST, "localhost.localdomain", ids.COMPUTE_RESOURCE, hostReaders(host, datastores, networks));

  for (const datastore of host.datastores.values()) addDatastore(host, datastore, entity);
  host.networking.announce();
  host.pools.announce();
  addManagers(host, datastores);
}

function addDatastore(
  host: Host,
  datastore: Datastore,
  entity: (
    ref: ManagedObjectReference,
    name: string,
    parent: ManagedObjectReference | undefined,
    own: PropertyReaders,
  ) => void,
): void {
  entity(
    ids.datastoreRef(datastore.uuid),
    escapedName(datastore.name),
    ids.DATASTORE_FOLDER,
    datastoreReaders(host, datastore),
  );
  host.objects.add({
    ref: ids.datastoreBrowserRef(datastore.uuid),
    readers: { datastore: () => [ids.datastoreRef(datastore.uuid)], supportedType: () => [] },
  });
}
