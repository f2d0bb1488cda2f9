import type { VirtualMachineConfigInfo, VirtualMachineConfigSpec } from "../../../../schema/index.ts";
import type { Vmx } from "../../../vmx/vmx.ts";
import type { ObservedVm } from "../reading/observed-vm.ts";

/**
 * One setting of a virtual machine as a host has it. All VM resources share the same settings: each is pure, and none
 * talks to a host. Every field must be given, so none of them can be forgotten.
 */
export interface HostSetting<Wish, Off extends NeedsOff<Wish> = NeedsOff<Wish>, At extends Stage = Stage> {
  /** Whether a machine can be told of it before it has its devices. */
  readonly stage: At;
  /**
   * What the machine has, in the words of the wish: deeply equal to it if and only if nothing is to be changed. What the
   * wish leaves to the host stays left out.
   */
  observe(vm: ObservedVm, wish: Wish): Wish;
  /**
   * The part of a specification that makes the machine what is wished for. Keys of new devices are negative, and in
   * this setting's own range; parts of several settings are put together into one specification. The machine's devices
   * are those that it will have once the parts before this one are carried out.
   */
  spec(vm: ObservedVm, wish: Wish): VirtualMachineConfigSpec;
  /** Whether the host takes a change only while the machine is off. The preview's cost follows from it. */
  readonly off: Off;
  /** Writes it into a `.vmx` file, for hosts that only the shell may change. */
  readonly vmx: VmxWriter<Wish> | typeof BY_DEVICES;
  /** What a clone is given of what its source has. */
  readonly copied: ((source: VirtualMachineConfigInfo) => VirtualMachineConfigSpec) | typeof WITH_DEVICES;
}

/** `configuration`: can be told of a machine that does not exist yet. `devices`: builds on the devices that it has. */
type Stage = "configuration" | "devices";

/** When a host takes a change only while the machine is off; asked only if something is to be changed. */
export type NeedsOff<Wish> = "always" | "never" | HotAdd | ((vm: ObservedVm, wish: Wish) => boolean);

/** Always, unless the value grows and the machine allows that while it runs. */
interface HotAdd {
  readonly hotAdd: "cpuHotAddEnabled" | "memoryHotAddEnabled";
}

type VmxWriter<Wish> = (vmx: Vmx, wish: Wish) => void;

/** In place of a writer: what its specification says of devices is written (`vm/vmx/write-devices.ts`). */
export const BY_DEVICES = "by its devices";
/** In place of what is copied: it comes with the devices, or names them (`clone-devices.ts`, `clone-finish.ts`). */
export const WITH_DEVICES = "with the devices";

/** A setting that builds on the devices which the machine has. */
export type DeviceSetting<
  Wish,
  Off extends NeedsOff<Wish> = (vm: ObservedVm, wish: Wish) => boolean,
> = HostSetting<Wish, Off, "devices">;

/** A machine's configuration, or a part of it. */
type Described = {
  readonly [Key in keyof VirtualMachineConfigInfo]?: VirtualMachineConfigInfo[Key] | undefined;
};

/** Where a host's description of a machine has one value, and where a specification takes it. */
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

/** A field of one of its structures. */
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

/** A part of the machine's size, which specifications call by other names. */
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
  /** Where a machine that was looked at has it, if not among its `config`. */
  readonly observe?: (vm: ObservedVm) => Value;
}

/** A setting that is one value of the machine. @param usual What a machine has of which the host says nothing. */
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

/** The same for a value that hosts spell in another way than programs. */
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

/** Writes a value under a key of the `.vmx` file. */
export const key =
  (name: string): VmxWriter<string | number | boolean> =>
  (vmx, value) =>
    vmx.set(name, typeof value === "boolean" ? (value ? "TRUE" : "FALSE") : String(value));
