import { isDeepStrictEqual } from "node:util";
import type {
  OptionValue,
  VirtualMachineConfigInfo,
  VirtualMachineConfigSpec,
} from "../../../../schema/index.ts";
import type { ObservedVm } from "../reading/observed-vm.ts";
import { BLANK_VM } from "./blank-vm.ts";
import { alsoEdited, withDeviceChanges } from "./device-changes.ts";
import { withPlaces } from "./disk-labels.ts";
import { mastersFirst } from "./ide-masters.ts";
import { mergeSpecs } from "./merge-specs.ts";
import { type HostSetting, WITH_DEVICES } from "./setting.ts";
import { type ConfigWishes, HOST_SETTINGS, type VmWishes } from "./settings.ts";

const SETTINGS: ReadonlyMap<string, HostSetting<unknown>> = new Map(
  Object.entries(HOST_SETTINGS as Readonly<Record<string, HostSetting<unknown>>>),
);

/** Settings that need no devices come first. A setting may need the devices of those before it. */
const IN_ORDER = (["configuration", "devices"] as const).flatMap((stage) =>
  [...SETTINGS].filter(([, setting]) => setting.stage === stage),
);

/** The settings of a machine among other arguments. */
export const wishesAmong = (settings: Readonly<Record<string, unknown>>): VmWishes =>
  only(settings, () => true);

/** Those of them that a machine can get in the call that makes it. */
export const configWishesAmong = (settings: Readonly<Record<string, unknown>>): ConfigWishes =>
  only(settings, ({ stage }) => stage === "configuration");

/** The actual state, in the form of the wishes. */
export function observeWishes(vm: ObservedVm, wishes: VmWishes): VmWishes {
  return Object.fromEntries(told(wishes).map(({ name, setting, wish }) => [name, setting.observe(vm, wish)]));
}

/** The wishes that differ from the actual state. */
export function pendingWishes(vm: ObservedVm, wishes: VmWishes): VmWishes {
  const pending = told(wishes).filter(
    ({ setting, wish }) => !isDeepStrictEqual(setting.observe(vm, wish), wish),
  );
  return Object.fromEntries(pending.map(({ name, wish }) => [name, wish]));
}

/** Names of the wishes for which the machine must be off. */
export function wishesThatNeedOff(vm: ObservedVm, pending: VmWishes): string[] {
  return told(pending).flatMap(({ name, setting, wish }) => (needsOff(setting, vm, wish) ? [name] : []));
}

function needsOff(setting: HostSetting<unknown>, vm: ObservedVm, wish: unknown): boolean {
  const { off } = setting;
  if (typeof off === "function") return off(vm, wish);
  if (typeof off === "string") return off === "always";
  return !(vm[off.hotAdd] && Number(wish) > Number(setting.observe(vm, wish)));
}

/** Whether devices may be added, removed or replaced, so that their keys change. */
export function changesDevices({ bootOrder: _, ...pending }: VmWishes): boolean {
  return told(pending).some(({ setting }) => setting.stage === "devices");
}

/** One specification that brings the machine to the desired state. */
export function specOf(vm: ObservedVm, wishes: VmWishes): VirtualMachineConfigSpec {
  let planned = vm;
  const parts = told(wishes).map(({ setting, wish }) => {
    const part = setting.spec(planned, wish);
    planned = withDeviceChanges(planned, part.deviceChange);
    return part;
  });
  const spec = mergeSpecs(parts);
  const { changes, placed } = movesAfter(vm, planned, wishes);
  const { deviceChange = [], extraConfig = [] } = spec;
  const whole =
    changes.length === 0
      ? spec
      : { ...spec, deviceChange: alsoEdited(deviceChange, changes), extraConfig: placed(extraConfig) };
  return hasMoved(vm, withDeviceChanges(planned, changes)) ? withoutBootOrder(whole) : whole;
}

/** Whether a device gets another place on its bus, and so another key. */
const hasMoved = (before: ObservedVm, after: ObservedVm): boolean =>
  before.devices.some((device) => {
    const then = after.devices.find(({ key }) => key === device.key);
    return (
      then !== undefined &&
      (then.controllerKey !== device.controllerKey || then.unitNumber !== device.unitNumber)
    );
  });

/** A boot order names devices by their keys. It is set once the host tells the new keys. */
function withoutBootOrder({ bootOptions, ...spec }: VirtualMachineConfigSpec): VirtualMachineConfigSpec {
  if (bootOptions === undefined) return spec;
  const { bootOrder: _, ...others } = bootOptions;
  return { ...spec, bootOptions: others };
}

/**
 * What must move because of the planned changes of devices.
 * @param planned The machine as it will be after them.
 * @returns The moves, and the advanced settings of the plan as they are with them.
 */
export function movesAfter(vm: ObservedVm, planned: ObservedVm, { disks }: VmWishes) {
  const moves = planned.devices === vm.devices ? [] : mastersFirst(planned, disks);
  const places = new Map(moves.map((move) => move.places));
  return {
    changes: moves.map(({ change }) => change),
    placed: (options: readonly OptionValue[]) => withPlaces(options, places),
  };
}

/**
 * The specification of a new machine in the desired state.
 * @param name Names the machine in messages.
 */
export function specOfNew(wishes: VmWishes, name = ""): VirtualMachineConfigSpec {
  return specOf({ ...BLANK_VM, name }, wishes);
}

/** The part of the source's configuration that a clone gets before it has devices. */
export function specOfCopy(source: VirtualMachineConfigInfo): VirtualMachineConfigSpec {
  return mergeSpecs(
    [...SETTINGS.values()].map(({ copied }) => (copied === WITH_DEVICES ? {} : copied(source))),
  );
}

interface Told {
  readonly name: string;
  readonly setting: HostSetting<unknown>;
  readonly wish: unknown;
}

/** The wishes in the order in which they are planned. */
export function told(wishes: VmWishes): Told[] {
  const unknown = Object.keys(wishes).find((name) => !SETTINGS.has(name));
  if (unknown !== undefined) throw new Error(`There is no setting ${unknown}.`);
  const asked: Readonly<Record<string, unknown>> = wishes;
  return IN_ORDER.flatMap(([name, setting]) =>
    asked[name] === undefined ? [] : [{ name, setting, wish: asked[name] }],
  );
}

function only(
  settings: Readonly<Record<string, unknown>>,
  isMeant: (setting: HostSetting<unknown>) => boolean,
): Record<string, never> {
  const found = Object.entries(settings).filter(([name, value]) => {
    const setting = SETTINGS.get(name);
    return setting !== undefined && value !== undefined && isMeant(setting);
  });
  return Object.fromEntries(found) as Record<string, never>;
}
