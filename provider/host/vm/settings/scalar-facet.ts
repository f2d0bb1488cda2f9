import type { VirtualMachineConfigSpec } from "../../../../schema/index.ts";
import type { ObservedVm } from "../reading/observed-vm.ts";
import type { Facet } from "./facet.ts";

/** A facet that is one value of the machine. */
export function scalarFacet<Value>(options: {
  readonly read: (vm: ObservedVm) => Value;
  readonly write: (value: Value) => VirtualMachineConfigSpec;
  /** Default: never. */
  readonly needsOff?: (vm: ObservedVm, value: Value) => boolean;
}): Facet<Value> {
  return {
    observe: (vm) => options.read(vm),
    spec: (_vm, value) => options.write(value),
    needsOff: options.needsOff ?? (() => false),
  };
}
