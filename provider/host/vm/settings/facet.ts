import type { VirtualMachineConfigSpec } from "../../../../schema/index.ts";
import type { ObservedVm } from "../reading/observed-vm.ts";

/**
 * One setting of a virtual machine, between what people write and what the API takes. All VM resources share the same
 * facets: each is pure, and none talks to a host.
 */
export interface Facet<Wish> {
  /**
   * What the machine has, in the words of the wish: deeply equal to it if and only if nothing is to be changed. What the
   * wish leaves to the host stays left out.
   */
  observe(vm: ObservedVm, wish: Wish): Wish;
  /**
   * The part of a specification that makes the machine what is wished for. Keys of new devices are negative, and in
   * this facet's own range; parts of several facets are put together into one specification. The machine's devices are
   * those that it will have once the parts before this one are carried out.
   */
  spec(vm: ObservedVm, wish: Wish): VirtualMachineConfigSpec;
  /** Whether the host takes that change only while the machine is off. Asked only if something is to be changed. */
  needsOff(vm: ObservedVm, wish: Wish): boolean;
}
