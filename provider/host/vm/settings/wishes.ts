import { isDeepStrictEqual } from "node:util";
import type { VirtualMachineConfigSpec } from "../../../../schema/index.ts";
import type { ObservedVm } from "../reading/observed-vm.ts";
import { BLANK_VM } from "./blank-vm.ts";
import { withDeviceChanges } from "./device-changes.ts";
import type { Facet } from "./facet.ts";
import { CONFIG_FACETS, type ConfigWishes, DEVICE_FACETS, type VmWishes } from "./facets.ts";
import { mergeSpecs } from "./merge-specs.ts";

const FACETS: Readonly<Record<string, Facet<unknown>>> = { ...CONFIG_FACETS, ...DEVICE_FACETS };
const IN_ORDER = Object.entries(FACETS);

/** What can be wished for, among other settings. */
export function wishesAmong(settings: Readonly<Record<string, unknown>>): VmWishes {
  return only(settings, FACETS);
}

/** What of that a machine can be given in the call that makes it. */
export function configWishesAmong(settings: Readonly<Record<string, unknown>>): ConfigWishes {
  return only(settings, CONFIG_FACETS);
}

/** What the machine has, in the words of the wishes. */
export function observeWishes(vm: ObservedVm, wishes: VmWishes): VmWishes {
  return Object.fromEntries(told(wishes).map(([key, facet, wish]) => [key, facet.observe(vm, wish)]));
}

/** The wishes that the machine does not come up to yet. */
export function pendingWishes(vm: ObservedVm, wishes: VmWishes): VmWishes {
  const pending = told(wishes).filter(([, facet, wish]) => !isDeepStrictEqual(facet.observe(vm, wish), wish));
  return Object.fromEntries(pending.map(([key, , wish]) => [key, wish]));
}

/** Names of the wishes that the host takes only while the machine is off. */
export function wishesThatNeedOff(vm: ObservedVm, pending: VmWishes): string[] {
  return told(pending).flatMap(([key, facet, wish]) => (facet.needsOff(vm, wish) ? [key] : []));
}

/** Whether devices may come, go or be replaced, so that their keys are others. */
export function changesDevices({ bootOrder: _, ...pending }: VmWishes): boolean {
  return Object.keys(pending).some((key) => key in DEVICE_FACETS);
}

/** What makes the machine what is wished for, in one specification. */
export function specOf(vm: ObservedVm, wishes: VmWishes): VirtualMachineConfigSpec {
  let planned = vm;
  const parts = told(wishes).map(([, facet, wish]) => {
    const part = facet.spec(planned, wish);
    planned = withDeviceChanges(planned, part.deviceChange);
    return part;
  });
  return mergeSpecs(parts);
}

/** What makes a new machine what is wished for. */
export function specOfNew(wishes: VmWishes): VirtualMachineConfigSpec {
  return specOf(BLANK_VM, wishes);
}

/** In the table's order: a facet may build on the devices that those before it bring. */
function told(wishes: VmWishes): [key: string, facet: Facet<unknown>, wish: unknown][] {
  const unknown = Object.keys(wishes).find((key) => !(key in FACETS));
  if (unknown !== undefined) throw new Error(`Nothing can be wished for under the name ${unknown}.`);
  const asked: Readonly<Record<string, unknown>> = wishes;
  return IN_ORDER.flatMap(([key, facet]) => (asked[key] === undefined ? [] : [[key, facet, asked[key]]]));
}

function only(
  settings: Readonly<Record<string, unknown>>,
  facets: Readonly<Record<string, unknown>>,
): Record<string, never> {
  const found = Object.entries(settings).filter(([key, value]) => key in facets && value !== undefined);
  return Object.fromEntries(found) as Record<string, never>;
}
