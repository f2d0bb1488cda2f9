import type { ObservedVm } from "../../../../../provider/host/vm/reading/observed-vm.ts";
import { BLANK_VM } from "../../../../../provider/host/vm/settings/blank-vm.ts";
import { mergeSpecs } from "../../../../../provider/host/vm/settings/merge-specs.ts";
import { create } from "../../../../../provider/vim/codec/objects.ts";
import type {
  VirtualMachineBootOptionsBootableDevice,
  VirtualMachineConfigSpec,
} from "../../../../../schema/index.ts";

/** A machine with one of everything that can be booted from. */
export const MACHINE: ObservedVm = {
  ...BLANK_VM,
  devices: [
    ...BLANK_VM.devices,
    create("VirtualMachineVideoCard", { key: 500, videoRamSizeInKB: 4096, useAutoDetect: true }),
    create("VirtualDisk", { key: 2000, unitNumber: 0, capacityInKB: 1024 }),
    create("VirtualDisk", { key: 2001, unitNumber: 1, capacityInKB: 1024 }),
    create("VirtualCdrom", { key: 3000 }),
    create("VirtualVmxnet3", { key: 4000 }),
    create("VirtualVmxnet3", { key: 4001 }),
    create("VirtualFloppy", { key: 8000 }),
  ],
};

/** What a host makes of a specification, as the API's reference tells it. */
export function reconfigured(vm: ObservedVm, spec: VirtualMachineConfigSpec): ObservedVm {
  const { numCPUs, numCoresPerSocket, memoryMB, deviceChange = [], bootOptions, ...others } = spec;
  const { bootOrder, ...boot } = bootOptions ?? {};
  const order = bootOrder && { bootOrder: bootOrder.filter(isDevice) };
  const before = vm.config as VirtualMachineConfigSpec;
  const config = mergeSpecs([before, others, { bootOptions: boot }]) as ObservedVm["config"];
  return {
    ...vm,
    numCpus: numCPUs ?? vm.numCpus,
    numCoresPerSocket: numCoresPerSocket ?? vm.numCoresPerSocket,
    memory: memoryMB ?? vm.memory,
    annotation: others.annotation ?? vm.annotation,
    cpuHotAddEnabled: others.cpuHotAddEnabled ?? vm.cpuHotAddEnabled,
    memoryHotAddEnabled: others.memoryHotAddEnabled ?? vm.memoryHotAddEnabled,
    config: { ...config, bootOptions: { ...config.bootOptions, ...order } },
    devices: [
      ...vm.devices.map((one) => deviceChange.find(({ device }) => device.key === one.key)?.device ?? one),
      ...deviceChange.filter(({ operation }) => operation === "add").map(({ device }) => device),
    ],
  };
}

/** The general type in a boot order stands for none. */
const isDevice = ({ $type }: VirtualMachineBootOptionsBootableDevice) =>
  $type !== "VirtualMachineBootOptionsBootableDevice";
