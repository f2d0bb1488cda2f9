import type {
  VirtualDevice,
  VirtualDeviceConfigSpec,
  VirtualDeviceConfigSpecFileOperation,
} from "../../../../schema/index.ts";
import { create } from "../../../vim/codec/objects.ts";
import type { ObservedVm } from "../reading/observed-vm.ts";

/** One change of a machine's devices, as the API takes it. */
export function deviceChange(
  operation: "add" | "edit" | "remove",
  device: VirtualDevice,
  fileOperation?: VirtualDeviceConfigSpecFileOperation,
): VirtualDeviceConfigSpec {
  return create("VirtualDeviceConfigSpec", { operation, ...(fileOperation && { fileOperation }), device });
}

/** A part of a setting's plan: one change, and whether the machine must be off for it. */
export interface PlannedChange {
  readonly change: VirtualDeviceConfigSpec;
  readonly cold: boolean;
}

/**
 * The machine as it will be after those changes. The next setting plans with it, so that no two settings take the same
 * place on a bus.
 */
export function withDeviceChanges<Vm extends Pick<ObservedVm, "devices">>(
  vm: Vm,
  changes: readonly VirtualDeviceConfigSpec[] | undefined,
): Vm {
  let devices = vm.devices;
  for (const { operation, device } of changes ?? []) {
    const others = devices.filter(({ key }) => key !== device.key);
    if (operation === "remove") devices = others;
    else if (operation === "edit") devices = devices.map((each) => (each.key === device.key ? device : each));
    else devices = [...others, device];
  }
  return { ...vm, devices };
}
