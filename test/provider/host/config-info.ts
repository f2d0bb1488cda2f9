import { create } from "../../../provider/vim/codec/objects.ts";
import type { VirtualMachineConfigInfo } from "../../../schema/index.ts";

/** A machine's configuration with nothing in it but what every one has. */
export function configInfo(given: Partial<VirtualMachineConfigInfo> = {}): VirtualMachineConfigInfo {
  return create("VirtualMachineConfigInfo", {
    changeVersion: "1",
    modified: "2026-01-01T00:00:00Z",
    name: "vm",
    guestFullName: "Other",
    version: "vmx-19",
    uuid: "564d-a",
    instanceUuid: "52-a",
    template: false,
    guestId: "otherGuest64",
    alternateGuestName: "",
    files: create("VirtualMachineFileInfo", { vmPathName: "[ds] vm/vm.vmx" }),
    flags: create("VirtualMachineFlagInfo", {}),
    defaultPowerOps: create("VirtualMachineDefaultPowerOpInfo", {}),
    hardware: create("VirtualHardware", { numCPU: 1, memoryMB: 512 }),
    ...given,
  });
}
