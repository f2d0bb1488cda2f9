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

/** The changes with further edits. A device has one change only, so an edit is taken into the one that it has. */
export function alsoEdited(
  changes: readonly VirtualDeviceConfigSpec[],
  edits: readonly VirtualDeviceConfigSpec[],
): VirtualDeviceConfigSpec[] {
  const editOf = new Map(edits.map((edit) => [edit.device.key, edit]));
  const changed = changes.map((change) => {
    const edit = editOf.get(change.device.key);
    if (edit === undefined || change.operation === "remove") return change;
    editOf.delete(change.device.key);
    return { ...change, device: edit.device };
  });
  return [...changed, ...editOf.values()];
}
