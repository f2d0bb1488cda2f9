/** Declare virtual machines on standalone VMware ESXi hosts. */
export { macOf } from "./guest/mac-address.ts";
export { type SeedContent, type SeedGuest, type SeedUser, seedIso } from "./guest/seed-iso.ts";
export * from "./hand-over/index.ts";
export type { LookUpOptions } from "./program/look-up.ts";
export { PlainPasswordError } from "./program/plain-password-guard.ts";
export { DatastoreFile, type DatastoreFileArgs } from "./resources/datastore/datastore-file.ts";
export { DatastoreFolder, type DatastoreFolderArgs } from "./resources/datastore/datastore-folder.ts";
export { LabNetwork, type LabNetworkArgs } from "./resources/fleet/lab-network.ts";
export { type NumberedPortGroupsArgs, Numbers, type NumbersArgs } from "./resources/fleet/numbers/numbers.ts";
export {
  type PlaceArgs,
  type PlaceArgs as FleetPlace,
  type PlacedMachineArgs,
  Placement,
  type PlacementArgs,
} from "./resources/fleet/placement/placement.ts";
export { VmFleet } from "./resources/fleet/vm-fleet.ts";
export type {
  CountedFleetArgs,
  FleetMachineArgs,
  FleetPlacementArgs,
  FleetSource,
  FleetVmArgs,
  KeyedFleetArgs,
  VmFleetArgs,
} from "./resources/fleet/vm-fleet-args.ts";
export type { AdoptArgs, HostResourceArgs, TimeoutsArgs } from "./resources/frame/host-resource-args.ts";
export { HostService, type HostServiceArgs } from "./resources/host/host-service.ts";
export { ResourcePool, type ResourcePoolArgs } from "./resources/host/resource-pool.ts";
export { TextFile, type TextFileArgs } from "./resources/local/text-file.ts";
export type { FoundDisk, FoundNetworkInterface, FoundVm } from "./resources/look-ups/found-vm.ts";
export {
  type GetDatastoreArgs,
  type GetDatastoreResult,
  getDatastore,
} from "./resources/look-ups/get-datastore.ts";
export { type GetHostArgs, type GetHostResult, getHost } from "./resources/look-ups/get-host.ts";
export { type GetNetworkArgs, type GetNetworkResult, getNetwork } from "./resources/look-ups/get-network.ts";
export { type GetVmArgs, getVm } from "./resources/look-ups/get-vm.ts";
export { type GetVmsArgs, getVms } from "./resources/look-ups/get-vms.ts";
export type { NetworkPolicyArgs, TeamingPolicy } from "./resources/network/network-policy-args.ts";
export { PortGroup, type PortGroupArgs } from "./resources/network/port-group.ts";
export { VirtualSwitch, type VirtualSwitchArgs } from "./resources/network/virtual-switch.ts";
export {
  type ClonedFrom,
  DatastoreClone,
  type DatastoreCloneArgs,
} from "./resources/vm/datastore-clone.ts";
export {
  type DiskProvisioning,
  OvaDeployment,
  type OvaDeploymentArgs,
} from "./resources/vm/ova-deployment.ts";
export { ScratchVm, type ScratchVmArgs } from "./resources/vm/scratch-vm.ts";
export type { AllocationArgs, ShareLevel } from "./resources/vm/settings/allocation.ts";
export type { AutoStartArgs } from "./resources/vm/settings/auto-start.ts";
export type { BootArgs, BootDevice } from "./resources/vm/settings/boot.ts";
export type { DiskArgs } from "./resources/vm/settings/disks.ts";
export type { CloudInitArgs, GuestArgs, GuestDocument } from "./resources/vm/settings/guest.ts";
export type {
  GuestIdentityArgs,
  GuestInterfaceArgs,
  GuestRouteArgs,
  GuestUserArgs,
} from "./resources/vm/settings/guest-identity-args.ts";
export type { HardwareArgs } from "./resources/vm/settings/hardware.ts";
export type { AdoptVmArgs, MachineArgs } from "./resources/vm/settings/machine.ts";
export type { NetworkInterfaceArgs } from "./resources/vm/settings/network-interfaces.ts";
export type { CdromArgs, FloppyArgs } from "./resources/vm/settings/removable-media.ts";
export type { SerialPortArgs } from "./resources/vm/settings/serial-ports.ts";
export type { WaitForArgs } from "./resources/vm/settings/wait-for.ts";
export type { VmArgs } from "./resources/vm/vm-args.ts";
export { VmResource } from "./resources/vm/vm-resource.ts";
export { VmSnapshot, type VmSnapshotArgs } from "./resources/vm/vm-snapshot.ts";
