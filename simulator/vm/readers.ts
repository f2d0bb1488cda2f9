/** The VirtualMachine object as the API shows it. */
import type {
  ManagedObjectReference,
  VirtualMachineRuntimeInfo,
  VirtualMachineStorageSummary,
  VirtualMachineSummary,
} from "../../schema/index.ts";
import * as ids from "../core/ids.ts";
import { entityReaders, type PropertyReaders } from "../core/objects.ts";
import type { HostContext } from "../host-context.ts";
import { CAPABILITY } from "./capability.ts";
import { resourceConfig } from "./config/read-config.ts";
import { layoutEx } from "./files/layout.ts";
import { type GuestContext, readGuest, readGuestSummary, toolsRunning } from "./guest/guest.ts";
import { rootSnapshots, snapshotInfo } from "./snapshot/snapshot-objects.ts";
import type { Vm } from "./vm.ts";

/** The facts about a VM's guest. */
export const guestContext = ({ networks }: Pick<HostContext, "networks">, vm: Vm): GuestContext => ({
  vmx: vm.vmx,
  moid: vm.moid,
  stage: vm.guestStage,
  networks,
  connected: vm.connected,
  says: vm.guestSays,
});

/** @param poolOf says which resource pool a VM is in */
export function vmReaders(
  host: HostContext,
  vm: Vm,
  poolOf: (moid: string) => ManagedObjectReference,
): PropertyReaders {
  const guest = (): GuestContext => guestContext(host, vm);
  const runtime = (): VirtualMachineRuntimeInfo => ({
    device: [],
    host: ids.HOST,
    connectionState: "connected",
    powerState: vm.powerState,
    faultToleranceState: "notConfigured",
    toolsInstallerMounted: false,
    bootTime: vm.bootTime?.toISOString(),
    question: vm.question?.info,
    suspendInterval: 0,
    memoryOverhead: 0,
    maxCpuUsage: 0,
    maxMemoryUsage: vm.config.hardware.memoryMB,
    numMksConnections: 0,
    recordReplayState: "inactive",
    cleanPowerOff: vm.powerState === "poweredOff" ? true : undefined,
    onlineStandby: false,
    consolidationNeeded: vm.consolidationNeeded,
  });
  const summary = (): VirtualMachineSummary => ({
    vm: vm.ref,
    runtime: runtime(),
    guest: readGuestSummary(guest()),
    config: configSummary(vm),
    storage: storage(vm),
    quickStats: {
      overallCpuUsage: 0,
      guestMemoryUsage: 0,
      hostMemoryUsage: 0,
      guestHeartbeatStatus: toolsRunning(vm.guestStage) ? "green" : "gray",
      uptimeSeconds: vm.bootTime ? Math.floor((Date.now() - vm.bootTime.getTime()) / 1000) : 0,
    },
    overallStatus: "green",
  });
  return entityReaders(() => vm.name, ids.VM_FOLDER, {
    recentTask: () => host.tasks.recent(vm.ref),
    disabledMethod: () =>
      vm.lockedBy ? ["PowerOnVM_Task", "Destroy_Task", "ReconfigVM_Task", "Rename_Task"] : [],
    capability: () => CAPABILITY,
    config: () => vm.config,
    layoutEx: () => layoutEx(vm, vm.chains),
    storage: () => ({
      perDatastoreUsage: [
        {
          datastore: ids.datastoreRef(vm.vmxFile.datastore.uuid),
          committed: storage(vm).committed,
          uncommitted: storage(vm).uncommitted,
          unshared: storage(vm).unshared,
        },
      ],
      timestamp: new Date(0).toISOString(),
    }),
    environmentBrowser: () => ids.ENVIRONMENT_BROWSER,
    resourcePool: () => poolOf(vm.moid),
    resourceConfig: () => resourceConfig(vm.vmx, vm.ref),
    runtime,
    guest: () => readGuest(guest()),
    summary,
    datastore: () =>
      vm.datastores.flatMap((name) => {
        const found = host.datastores.get(name);
        return found ? [ids.datastoreRef(found.uuid)] : [];
      }),
    network: () => vm.networks.map(ids.networkRef),
    snapshot: () => snapshotInfo(vm),
    rootSnapshot: () => rootSnapshots(vm),
    guestHeartbeatStatus: () => (toolsRunning(vm.guestStage) ? "green" : "gray"),
  });
}

function configSummary(vm: Vm): VirtualMachineSummary["config"] {
  const { config } = vm;
  const devices = config.hardware.device ?? [];
  return {
    name: config.name,
    template: false,
    vmPathName: vm.vmxPath,
    memorySizeMB: config.hardware.memoryMB,
    cpuReservation: config.cpuAllocation?.reservation,
    memoryReservation: config.memoryAllocation?.reservation,
    numCpu: config.hardware.numCPU,
    numEthernetCards: devices.filter((device) => "macAddress" in device).length,
    numVirtualDisks: devices.filter((device) => device.$type === "VirtualDisk").length,
    uuid: config.uuid,
    instanceUuid: config.instanceUuid,
    guestId: config.guestId,
    guestFullName: config.guestFullName,
    annotation: config.annotation,
    installBootRequired: false,
    hwVersion: config.version,
  };
}

function storage(vm: Vm): VirtualMachineStorageSummary {
  const committed = vm.files.reduce((sum, file) => sum + file.allocatedBytes, 0);
  const provisioned = vm.files.reduce((sum, file) => sum + file.sizeBytes, 0);
  return {
    committed,
    uncommitted: Math.max(0, provisioned - committed),
    unshared: committed,
    timestamp: new Date(0).toISOString(),
  };
}
