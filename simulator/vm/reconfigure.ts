/** ReconfigVM_Task: the whole ConfigSpec is carried out, or nothing of it. */
import type { VirtualMachineConfigSpec } from "../../schema/index.ts";
import { fileFault } from "../core/datastore-faults.ts";
import { deleteDisk } from "../disk/disk.ts";
import { invalidArgument, VimFault } from "../soap/fault.ts";
import { writeBootOrder } from "./config/boot.ts";
import { changesFixedScalar } from "./config/scalars.ts";
import { writeConfig } from "./config/write.ts";
import { changeDevices, type MadeFiles } from "./device/change.ts";
import { generateMacs } from "./device/ethernet.ts";
import { hasNetwork } from "./guest/guest.ts";
import { storedName } from "./identity/names.ts";
import { checkReservations, MEMORY_STEP_MB } from "./power/admission.ts";
import { invalidPowerState } from "./power/power-state.ts";
import type { Vm } from "./vm.ts";
import type { VmHost } from "./vm-host.ts";

/** @throws VimFault ConcurrentAccess, DuplicateName, InvalidPowerState, CpuHotPlugNotSupported, … */
export async function reconfigure(host: VmHost, vm: Vm, spec: VirtualMachineConfigSpec): Promise<void> {
  if (
    spec.changeVersion !== undefined &&
    spec.changeVersion !== "" &&
    spec.changeVersion !== vm.changeVersion
  ) {
    throw new VimFault("ConcurrentAccess", "The object or item referred to was changed by another request.");
  }
  if (spec.name !== undefined && storedName(spec.name) !== vm.name) host.vms.checkName(storedName(spec.name));
  if (vm.powerState !== "poweredOff") checkRunning(vm, spec);
  if (spec.version !== undefined && spec.version !== vm.config.version)
    throw invalidArgument("configSpec.version");
  const hadNetwork = hasNetwork({ vmx: vm.vmx, connected: vm.connected, networks: host.networks });
  const vmx = vm.vmx.clone();
  const made: MadeFiles = { disks: [] };
  try {
    writeConfig(vmx, spec, host.options.apiVersion);
    if (vm.powerState === "poweredOn") checkReservations(host.pools, vm, vmx);
    const context = vm.deviceContext(vmx);
    await changeDevices(context, spec.deviceChange ?? [], made);
    if (spec.bootOptions?.bootOrder) writeBootOrder(vmx, spec.bootOptions.bootOrder);
    generateMacs(vmx, vm.uuid);
    if (context.connected) vm.connected = context.connected;
    await vm.commit(vmx);
    vm.save();
  } catch (error) {
    for (const { datastore, path } of made.disks) await deleteDisk(datastore, path).catch(() => undefined);
    throw fileFault(error);
  }
  host.vms.inventoryChanged();
  if (
    vm.guestStage === "booting" &&
    !hadNetwork &&
    hasNetwork({ vmx: vm.vmx, connected: vm.connected, networks: host.networks })
  )
    host.power.bootGuest(vm);
}

/** Refuses changes that need the VM off, or the hot-plug flags set before it started. */
function checkRunning(vm: Vm, spec: VirtualMachineConfigSpec): void {
  const { hardware, cpuHotAddEnabled, cpuHotRemoveEnabled, memoryHotAddEnabled } = vm.config;
  const { numCPUs = hardware.numCPU, memoryMB = hardware.memoryMB } = spec;
  const cpusAllowed = numCPUs > hardware.numCPU ? cpuHotAddEnabled : cpuHotRemoveEnabled;
  if (numCPUs !== hardware.numCPU && !cpusAllowed) {
    throw new VimFault("CpuHotPlugNotSupported", "CPU hot plug is not supported for this virtual machine.");
  }
  const isHotAdd = memoryMB > hardware.memoryMB && vm.powerState === "poweredOn" && memoryHotAddEnabled;
  if (memoryMB !== hardware.memoryMB && !isHotAdd) {
    throw new VimFault(
      "MemoryHotPlugNotSupported",
      "Memory hot plug is not supported for this virtual machine.",
    );
  }
  if (memoryMB % MEMORY_STEP_MB !== 0) throw invalidArgument("configSpec.memoryMB");
  const { config } = vm;
  const fixed =
    differs(spec.numCoresPerSocket, hardware.numCoresPerSocket) ||
    differs(spec.guestId, config.guestId) ||
    differs(spec.version, config.version) ||
    differs(spec.firmware, config.firmware) ||
    differs(spec.uuid?.toLowerCase(), config.uuid) ||
    changesFixedScalar(vm.vmx, spec);
  if (fixed) throw invalidPowerState(vm, "poweredOff");
}

function differs<T>(asked: T | undefined, now: T | undefined): boolean {
  return asked !== undefined && asked !== now;
}
