import { datastoreOf } from "../../host/datastore/datastore-path.ts";
import type { HostFacts } from "../../host/host-facts.ts";
import { observedDisks } from "../../host/inventory/observed-disks.ts";
import type { InventoryVm } from "../../host/inventory/vms.ts";
import { adaptersAmong } from "../../host/vm/settings/network-interfaces.ts";
import type { FoundVm } from "./found-vm.ts";

/** A virtual machine in the form for programs. */
export function foundVm(vm: InventoryVm, { hostUuid }: HostFacts): FoundVm {
  return {
    name: vm.name,
    datastore: datastoreOf(vm.vmxPath),
    numCpus: vm.numCpus,
    numCoresPerSocket: vm.numCoresPerSocket,
    memory: vm.memory,
    annotation: vm.annotation,
    guestId: vm.config.guestId ?? "",
    hardwareVersion: Number(/^vmx-(\d+)$/.exec(vm.config.version ?? "")?.[1] ?? 0),
    firmware: vm.config.firmware === "efi" ? "efi" : "bios",
    resourcePool: vm.resourcePool,
    moid: vm.moid,
    uuid: vm.uuid,
    instanceUuid: vm.instanceUuid,
    vmxPath: vm.vmxPath,
    powerState: vm.powerState,
    networkInterfaces: adaptersAmong(vm.devices),
    macAddresses: [...vm.macAddresses],
    disks: observedDisks(vm.devices),
    defaultIpAddress: vm.defaultIpAddress,
    guestIpAddresses: [...vm.guestIpAddresses],
    hostUuid,
  };
}
