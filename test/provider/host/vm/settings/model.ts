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
  const { numCPUs, numCoresPerSocket, memoryMB, annotation, cpuHotAddEnabled, memoryHotAddEnabled } = spec;
  const { guestId, version, firmware, flags, tools, nestedHVEnabled, cpuHotRemoveEnabled } = spec;
  const { cpuAllocation, memoryAllocation, bootOptions } = spec;
  const before = vm.config;
  const given = <T extends object>(values: T) =>
    Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
      [K in keyof T]?: NonNullable<T[K]>;
    };
  const { bootOrder, ...boot } = bootOptions ?? {};
  const both = mergeSpecs([
    { flags: before.flags, tools: before.tools, cpuAllocation: before.cpuAllocation },
    { memoryAllocation: before.memoryAllocation, bootOptions: before.bootOptions },
    { flags, tools, cpuAllocation, memoryAllocation, bootOptions: boot },
  ]);
  const changes = spec.deviceChange ?? [];
  return {
    ...vm,
    ...given({ numCpus: numCPUs, numCoresPerSocket, memory: memoryMB, annotation }),
    ...given({ cpuHotAddEnabled, memoryHotAddEnabled }),
    config: {
      ...before,
      ...given({ guestId, version, firmware, nestedHVEnabled, cpuHotRemoveEnabled }),
      flags: both.flags,
      tools: both.tools,
      cpuAllocation: both.cpuAllocation,
      memoryAllocation: both.memoryAllocation,
      bootOptions: { ...both.bootOptions, ...(bootOrder && { bootOrder: bootOrder.filter(isDevice) }) },
    },
    devices: [
      ...vm.devices.map((one) => changes.find(({ device }) => device.key === one.key)?.device ?? one),
      ...changes.filter(({ operation }) => operation === "add").map(({ device }) => device),
    ],
  };
}

/** The general type in a boot order stands for none. */
const isDevice = ({ $type }: VirtualMachineBootOptionsBootableDevice) =>
  $type !== "VirtualMachineBootOptionsBootableDevice";
