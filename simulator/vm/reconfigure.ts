/** ReconfigVM_Task: all of a ConfigSpec or nothing of it. */
import type { VirtualMachineConfigSpec } from "../../schema/index.ts";
import { fileFault } from "../datastore-faults.ts";
import { deleteDisk } from "../disk/disk.ts";
import type { Host } from "../host/host.ts";
import { VimFault } from "../soap/fault.ts";
import { writeConfig } from "./config-write.ts";
import { changeDevices, type MadeFiles } from "./device/change.ts";
import { generateMacs } from "./device/ethernet.ts";
import { storedName } from "./names.ts";
import { invalidPowerState } from "./power.ts";
import type { Vm } from "./vm.ts";

/** @throws VimFault ConcurrentAccess, DuplicateName, InvalidPowerState, CpuHotPlugNotSupported, … */
export async function reconfigure(host: Host, vm: Vm, spec: VirtualMachineConfigSpec): Promise<void> {
  if (
    spec.changeVersion !== undefined &&
    spec.changeVersion !== "" &&
    spec.changeVersion !== vm.changeVersion
  ) {
    throw new VimFault("ConcurrentAccess", "The object or item referred to was changed by another request.");
  }
  if (spec.name !== undefined && storedName(spec.name) !== vm.name) host.vms.checkName(storedName(spec.name));
  if (vm.powerState !== "poweredOff") checkRunning(vm, spec);
  const vmx = vm.vmx.clone();
  const made: MadeFiles = { disks: [] };
  try {
    writeConfig(vmx, spec, host.options.apiVersion);
    await changeDevices(vm.deviceContext(vmx), spec.deviceChange ?? [], made);
    generateMacs(vmx, vm.uuid);
    await vm.commit(vmx);
  } catch (error) {
    for (const { datastore, path } of made.disks) await deleteDisk(datastore, path).catch(() => undefined);
    throw fileFault(error);
  }
  host.vms.inventoryChanged();
}

/** What cannot change while a VM runs, or only with the hot-plug flags set before it started. */
function checkRunning(vm: Vm, spec: VirtualMachineConfigSpec): void {
  const { hardware, cpuHotAddEnabled, cpuHotRemoveEnabled, memoryHotAddEnabled } = vm.config;
  const { numCPUs = hardware.numCPU, memoryMB = hardware.memoryMB } = spec;
  const cpusAllowed = numCPUs > hardware.numCPU ? cpuHotAddEnabled : cpuHotRemoveEnabled;
  if (numCPUs !== hardware.numCPU && !cpusAllowed) {
    throw new VimFault("CpuHotPlugNotSupported", "CPU hot plug is not supported for this virtual machine.");
  }
  if (memoryMB !== hardware.memoryMB && !(memoryMB > hardware.memoryMB && memoryHotAddEnabled)) {
    throw new VimFault(
      "MemoryHotPlugNotSupported",
      "Memory hot plug is not supported for this virtual machine.",
    );
  }
  const { config } = vm;
  const fixed =
    differs(spec.numCoresPerSocket, hardware.numCoresPerSocket) ||
    differs(spec.guestId, config.guestId) ||
    differs(spec.version, config.version) ||
    differs(spec.firmware, config.firmware) ||
    differs(spec.uuid?.toLowerCase(), config.uuid) ||
    differs(spec.cpuHotAddEnabled, cpuHotAddEnabled) ||
    differs(spec.cpuHotRemoveEnabled, cpuHotRemoveEnabled) ||
    differs(spec.memoryHotAddEnabled, memoryHotAddEnabled) ||
    differs(spec.nestedHVEnabled, config.nestedHVEnabled) ||
    (spec.deviceChange ?? []).some(({ device }) => /IDE|Floppy|Serial|VideoCard/.test(device.$type ?? ""));
  if (fixed) throw invalidPowerState(vm, "poweredOff");
}

function differs<T>(asked: T | undefined, now: T | undefined): boolean {
  return asked !== undefined && asked !== now;
}
