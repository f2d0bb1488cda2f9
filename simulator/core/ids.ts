/** Well-known ids of an ESXi host, and the ids that follow a rule. */
import type { ManagedObjectReference } from "../../schema/index.ts";
import { reference } from "./objects.ts";

export const SERVICE_INSTANCE = reference("ServiceInstance", "ServiceInstance");
export const ROOT_FOLDER = reference("Folder", "ha-folder-root");
export const DATACENTER = reference("Datacenter", "ha-datacenter");
export const VM_FOLDER = reference("Folder", "ha-folder-vm");
export const HOST_FOLDER = reference("Folder", "ha-folder-host");
export const DATASTORE_FOLDER = reference("Folder", "ha-folder-datastore");
export const NETWORK_FOLDER = reference("Folder", "ha-folder-network");
export const COMPUTE_RESOURCE = reference("ComputeResource", "ha-compute-res");
export const ROOT_POOL = reference("ResourcePool", "ha-root-pool");
export const HOST = reference("HostSystem", "ha-host");
export const ENVIRONMENT_BROWSER = reference("EnvironmentBrowser", "ha-compute-res-environmentbrowser");
export const DATASTORE_BROWSER = reference("HostDatastoreBrowser", "ha-host-datastorebrowser");
export const PROPERTY_COLLECTOR = reference("PropertyCollector", "ha-property-collector");
export const VIEW_MANAGER = reference("ViewManager", "ViewManager");
export const SESSION_MANAGER = reference("SessionManager", "ha-sessionmgr");
export const TASK_MANAGER = reference("TaskManager", "ha-taskmgr");
export const SEARCH_INDEX = reference("SearchIndex", "ha-searchindex");
export const FILE_MANAGER = reference("FileManager", "ha-nfc-file-manager");
export const VIRTUAL_DISK_MANAGER = reference("VirtualDiskManager", "ha-vdiskmanager");
export const OVF_MANAGER = reference("OvfManager", "ha-ovf-manager");
export const LICENSE_MANAGER = reference("LicenseManager", "ha-license-manager");
export const ADVANCED_OPTIONS = reference("OptionManager", "HostAgentSettings");

/** Managers of the HostSystem. */
export const MANAGERS = {
  datastoreSystem: reference("HostDatastoreSystem", "ha-datastoresystem"),
  storageSystem: reference("HostStorageSystem", "storageSystem"),
  networkSystem: reference("HostNetworkSystem", "networkSystem"),
  serviceSystem: reference("HostServiceSystem", "serviceSystem"),
  autoStartManager: reference("HostAutoStartManager", "ha-autostart-mgr"),
} as const;

export function datastoreRef(uuid: string): ManagedObjectReference {
  return reference("Datastore", uuid);
}

export function datastoreBrowserRef(uuid: string): ManagedObjectReference {
  return reference("HostDatastoreBrowser", `${uuid}-datastorebrowser`);
}

export function networkRef(portGroup: string): ManagedObjectReference {
  return reference("Network", `HaNetwork-${portGroup}`);
}

export function vmRef(moid: string): ManagedObjectReference {
  return reference("VirtualMachine", moid);
}

/** @param vm the VM that has the snapshot */
export function snapshotRef(vm: { readonly moid: string }, id: number): ManagedObjectReference {
  return reference("VirtualMachineSnapshot", `${vm.moid}-snapshot-${id}`);
}
