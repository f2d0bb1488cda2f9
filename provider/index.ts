/** Declare virtual machines on standalone VMware ESXi hosts. */
export { PlainPasswordError } from "./program/plain-password-guard.ts";
export {
  type ClonedFrom,
  DatastoreClone,
  type DatastoreCloneArgs,
} from "./resources/datastore-clone.ts";
export { DatastoreFile, type DatastoreFileArgs } from "./resources/datastore-file.ts";
export { DatastoreFolder, type DatastoreFolderArgs } from "./resources/datastore-folder.ts";
export type { AdoptArgs, HostResourceArgs } from "./resources/host-resource-args.ts";
export { HostService, type HostServiceArgs } from "./resources/host-service.ts";
export { type DiskProvisioning, OvaDeployment, type OvaDeploymentArgs } from "./resources/ova-deployment.ts";
export type { NetworkInterfaceArgs, TimeoutsArgs, VmArgs, WaitForArgs } from "./resources/vm-args.ts";
export {
  type FleetPlace,
  type FleetSource,
  type FleetVmArgs,
  VmFleet,
  type VmFleetArgs,
} from "./resources/vm-fleet.ts";
export { VmResource } from "./resources/vm-resource.ts";
