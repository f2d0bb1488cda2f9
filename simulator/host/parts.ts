/** Every managed object that a host has from the start. A new one gets its own file, and a line here. */
import { environmentBrowser } from "../environment/environment-browser.ts";
import type { Part } from "../handlers.ts";
import { httpNfcLeases } from "../lease/http-nfc-lease.ts";
import { ovfManager } from "../lease/ovf-manager.ts";
import { networkSystem } from "../network/network-system.ts";
import { resourcePools } from "../pools/resource-pool.ts";
import { propertyCollector } from "../property/property-collector.ts";
import { viewManager } from "../property/view-manager.ts";
import { serviceInstance } from "../session/service-instance.ts";
import { sessionManager } from "../session/session-manager.ts";
import { datastoreBrowsers } from "../storage/datastore-browser.ts";
import { datastoreSystem } from "../storage/datastore-system.ts";
import { fileManager } from "../storage/file-manager.ts";
import { virtualDiskManager } from "../storage/virtual-disk-manager.ts";
import { taskManager } from "../task/task-manager.ts";
import { autoStartManager } from "../vm/auto-start/auto-start-manager.ts";
import { snapshots } from "../vm/snapshot/virtual-machine-snapshot.ts";
import { virtualMachines } from "../vm/virtual-machine.ts";
import { vmFolder } from "../vm/vm-folder.ts";
import { advancedOptions } from "./advanced-options.ts";
import { bareObjects } from "./bare-objects.ts";
import { computeResource } from "./compute-resource.ts";
import { folders } from "./folders.ts";
import type { Host } from "./host.ts";
import { hostSystem } from "./host-system.ts";
import { licenseManager } from "./license-manager.ts";
import { searchIndex } from "./search-index.ts";
import { serviceSystem } from "./services.ts";

export function partsOf(host: Host): readonly Part[] {
  const { autoStart, collectors, leases, networking, pools, services, vms } = host;
  return [
    serviceInstance(host),
    sessionManager(host),
    propertyCollector(host, collectors),
    viewManager(host),
    taskManager(host),
    searchIndex(host, vms),
    folders(host, vms),
    computeResource(host),
    hostSystem(host, vms, networking),
    licenseManager(host),
    advancedOptions(host),
    bareObjects(),
    serviceSystem(services),
    networkSystem(networking, vms),
    datastoreSystem(host),
    datastoreBrowsers(host),
    fileManager(host, vms),
    virtualDiskManager(host, vms),
    environmentBrowser(host),
    resourcePools(pools),
    virtualMachines(host),
    vmFolder(host),
    snapshots(host),
    autoStartManager(autoStart),
    ovfManager(host, pools, leases),
    httpNfcLeases(host, leases),
  ];
}
