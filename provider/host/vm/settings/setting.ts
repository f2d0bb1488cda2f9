import type { VirtualMachineConfigInfo, VirtualMachineConfigSpec } from "../../../../schema/index.ts";
import type { Vmx } from "../../../vmx/vmx.ts";
import type { ObservedVm } from "../reading/observed-vm.ts";

/**
 * One setting of a virtual machine on its host. All VM resources share the same settings. Each is a pure function, and
 * none talks to a host. Every field must be given, so none can be forgotten.
 */
export interface HostSetting<Wish, Off extends NeedsOff<Wish> = NeedsOff<Wish>, At extends Stage = Stage> {
  /** Whether the setting can be given to a machine before it has its devices. */
  readonly stage: At;
  /**
   * The actual state in the form of the wish. It is deeply equal to the wish if and only if nothing must change. What
   * the wish leaves to the host is left out here too.
   */
  observe(vm: ObservedVm, wish: Wish): Wish;
  /**
   * The part of a specification that brings the machine to the desired state. Keys of new devices are negative, and
   * each setting has its own range, because the parts of several settings are joined in one specification. The given
   * machine already has the devices of the parts before this one.
   */
  spec(vm: ObservedVm, wish: Wish): VirtualMachineConfigSpec;
  /** Whether the machine must be off for a change. The cost in the preview is derived from it. */
  readonly off: Off;
  /** Writes the setting into a `.vmx` file, for hosts that only the shell may change. */
  readonly vmx: VmxWriter<Wish> | typeof BY_DEVICES;
  /** What a clone gets from its source. */
  readonly copied: ((source: VirtualMachineConfigInfo) => VirtualMachineConfigSpec) | typeof WITH_DEVICES;
}

/**
 * `configuration`: can be given to a machine that does not exist yet. `devices`: needs the devices that the machine
 * has.
 */
type Stage = "configuration" | "devices";

/** When the machine must be off for a change. Asked only if something must change. */
export type NeedsOff<Wish> = "always" | "never" | HotAdd | ((vm: ObservedVm, wish: Wish) => boolean);

/** Always, unless the value grows and the machine allows that while it runs. */
interface HotAdd {
  readonly hotAdd: "cpuHotAddEnabled" | "memoryHotAddEnabled";
}

type VmxWriter<Wish> = (vmx: Vmx, wish: Wish) => void;

/** Instead of a writer: the devices in its specification are written (`vm/vmx/write-devices.ts`). */
export const BY_DEVICES = "by its devices";
/**
 * Instead of a copier: the setting comes with the devices, or names devices (`clone-devices.ts`, `clone-finish.ts`).
 */
export const WITH_DEVICES = "with the devices";

/** A setting that needs the devices of the machine. */
export type DeviceSetting<
  Wish,
  Off extends NeedsOff<Wish> = (vm: ObservedVm, wish: Wish) => boolean,
> = HostSetting<Wish, Off, "devices">;

/** A machine's configuration, or a part of it. */
type Described = {
  readonly [Key in keyof VirtualMachineConfigInfo]?: VirtualMachineConfigInfo[Key] | undefined;
};

/** Where the host's description of a machine has a value, and where a specification takes it. */
interface Place<Raw> {
  read(config: Described): Raw | undefined;
  write(raw: Raw): VirtualMachineConfigSpec;
}

type Info = VirtualMachineConfigInfo;
type Spec = VirtualMachineConfigSpec;
type Given<T> = NonNullable<T>;
type FieldOf<Part extends keyof Info & keyof Spec> = keyof Given<Info[Part]> & keyof Given<Spec[Part]>;

/** A property of the configuration. */
export const property = <Key extends keyof Info & keyof Spec>(key: Key): Place<Given<Info[Key]>> => ({
  read: (config) => config[key] ?? undefined,
  write: (raw) => ({ [key]: raw }),
});

/** A field of a structure in the configuration. */
export const field = <Part extends keyof Info & keyof Spec, Key extends FieldOf<Part>>(
  part: Part,
  key: Key,
): Place<Given<Given<Info[Part]>[Key]>> => ({
  read: (config) => {
    const structure: { readonly [K in Key]?: Given<Given<Info[Part]>[Key]> | undefined } = config[part] ?? {};
    return structure[key];
  },
  write: (raw) => ({ [part]: { [key]: raw } }),
});

/** A part of the machine's size. It has another name in specifications. */
export const size = (
  key: "numCPU" | "numCoresPerSocket" | "memoryMB",
  inSpec: "numCPUs" | "numCoresPerSocket" | "memoryMB",
): Place<number> => ({
  read: ({ hardware }) => hardware?.[key],
  write: (raw) => ({ [inSpec]: raw }),
});

type Scalar<Value, Off extends NeedsOff<Value>> = HostSetting<Value, Off, "configuration">;

interface ScalarOptions<Value, Off> {
  readonly off: Off;
  readonly vmx: VmxWriter<Value>;
  /** How to read it from a machine that was read, if it is not in `config`. */
  readonly observe?: (vm: ObservedVm) => Value;
}

/** A setting with one value. @param usual The value if the host says nothing about it. */
export function scalar<Value, const Off extends NeedsOff<Value>>(
  place: Place<Value>,
  options: ScalarOptions<Value, Off> & { readonly usual: Value },
): Scalar<Value, Off> {
  const { usual, ...others } = options;
  return converted<Value, Value, Off>(place, {
    ...others,
    toValue: (raw) => raw ?? usual,
    toRaw: (value) => value,
  });
}

/** The same for a value that hosts write differently from programs. */
export function converted<Raw, Value, const Off extends NeedsOff<Value>>(
  place: Place<Raw>,
  options: ScalarOptions<Value, Off> & {
    readonly toValue: (raw: Raw | undefined) => Value;
    readonly toRaw: (value: Value) => Raw;
  },
): Scalar<Value, Off> {
  const { off, vmx, toValue, toRaw, observe = (vm) => toValue(place.read(vm.config)) } = options;
  return {
    stage: "configuration",
    observe: (vm) => observe(vm),
    spec: (_vm, value) => place.write(toRaw(value)),
    off,
    vmx,
    copied: (source) => {
      const raw = place.read(source);
      return raw === undefined ? {} : place.write(raw);
    },
  };
}

/** Writes a value under that key of the `.vmx` file. */
export const key =
  (name: string): VmxWriter<string | number | boolean> =>
  (vmx, value) =>
    vmx.set(name, typeof value === "boolean" ? (value ? "TRUE" : "FALSE") : String(value));
