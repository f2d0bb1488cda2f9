/**
 * Settings of a VM with one value each. A row has the property of ConfigSpec and ConfigInfo, the key of the `.vmx`,
 * which is absent if the value is the usual one, and whether the VM must be off. A new setting of this kind is a new
 * row.
 */
import type { VirtualMachineConfigSpec } from "../../../schema/index.ts";
import { invalidArgument } from "../../soap/fault.ts";
import type { Vmx } from "../vmx.ts";

interface Scalar<Value> {
  /** Its key in the `.vmx`. */
  readonly key: string;
  /** Whether a running VM refuses another value. */
  readonly off: boolean;
  read(vmx: Vmx): Value;
  /** The text in the `.vmx` for a value. Undefined if the key is absent. @throws VimFault InvalidArgument */
  text(value: unknown, property: string): string | number | boolean | undefined;
}

interface Options {
  readonly off?: boolean;
}

const flag = (key: string, { usual = false, off = false }: Options & { usual?: boolean } = {}) =>
  ({
    key,
    off,
    read: (vmx) => (vmx.get(key) === undefined ? usual : vmx.flag(key)),
    text: (value) => (value === usual ? undefined : value === true),
  }) satisfies Scalar<boolean>;

/** @param choices The API's values, each with its text in the `.vmx`. The first is the usual one. */
function choice<const Choices extends Readonly<Record<string, string>>>(
  key: string,
  choices: Choices,
  { off = false }: Options = {},
): Scalar<keyof Choices & string> {
  const values = Object.keys(choices) as (keyof Choices & string)[];
  const [usual = ""] = values;
  return {
    key,
    off,
    read: (vmx) => {
      const said = vmx.get(key)?.toLowerCase();
      return values.find((value) => choices[value]?.toLowerCase() === said) ?? usual;
    },
    text: (value, property) => {
      const known = values.find((one) => one === value);
      if (known === undefined) throw invalidArgument(property);
      return known === usual ? undefined : choices[known];
    },
  };
}

const text = (key: string): Scalar<string> => ({
  key,
  off: false,
  read: (vmx) => vmx.get(key) ?? "",
  text: (value) => (value === "" ? undefined : String(value)),
});

/** A number from 0 on, usually 0. */
const count = (key: string): Scalar<number> => ({
  key,
  off: false,
  read: (vmx) => vmx.number(key) ?? 0,
  text: (value, property) => {
    if (Number(value) < 0) throw invalidArgument(property);
    return value === 0 ? undefined : Number(value);
  },
});

type Spec = VirtualMachineConfigSpec;
type Rows<Structure> = { readonly [Name in keyof Structure]?: Scalar<unknown> };

/** By the structure of the specification that has them. `config` is the specification itself. */
const SCALARS = {
  config: {
    annotation: text("annotation"),
    alternateGuestName: text("guestOSAltName"),
    memoryHotAddEnabled: flag("mem.hotadd", { off: true }),
    cpuHotAddEnabled: flag("vcpu.hotadd", { off: true }),
    cpuHotRemoveEnabled: flag("vcpu.hotremove", { off: true }),
    nestedHVEnabled: flag("vhv.enable", { off: true }),
    vPMCEnabled: flag("vpmc.enable", { off: true }),
    memoryReservationLockedToMax: flag("sched.mem.pin"),
  },
  flags: {
    disableAcceleration: flag("monitor_control.disable_acceleration"),
    enableLogging: flag("logging", { usual: true }),
    runWithDebugInfo: flag("monitor.debug"),
    monitorType: choice("monitor.type", { release: "release", debug: "debug", stats: "stats" }),
    htSharing: choice("sched.cpu.htsharing", { any: "any", none: "none", internal: "internal" }),
    snapshotDisabled: flag("snapshot.disabled"),
    snapshotLocked: flag("snapshot.locked"),
    diskUuidEnabled: flag("disk.EnableUUID"),
    virtualMmuUsage: choice(
      "monitor.virtual_mmu",
      { automatic: "automatic", on: "hardware", off: "software" },
      { off: true },
    ),
    virtualExecUsage: choice(
      "monitor.virtual_exec",
      { hvAuto: "automatic", hvOn: "hardware", hvOff: "software" },
      { off: true },
    ),
    snapshotPowerOffBehavior: choice("snapshot.action", {
      powerOff: "keep",
      revert: "autoRevert",
      prompt: "prompt",
      take: "autoCommit",
    }),
    vvtdEnabled: flag("vvtd.enable", { off: true }),
    vbsEnabled: flag("windows.vbs.enabled", { off: true }),
  },
  tools: {
    afterPowerOn: flag("toolScripts.afterPowerOn", { usual: true }),
    afterResume: flag("toolScripts.afterResume", { usual: true }),
    beforeGuestStandby: flag("toolScripts.beforeSuspend", { usual: true }),
    beforeGuestShutdown: flag("toolScripts.beforePowerOff", { usual: true }),
    toolsUpgradePolicy: choice("tools.upgrade.policy", {
      manual: "manual",
      upgradeAtPowerCycle: "upgradeAtPowerCycle",
    }),
    syncTimeWithHost: flag("tools.syncTime"),
  },
  powerOpInfo: {
    powerOffType: choice("powerType.powerOff", { soft: "soft", hard: "hard", preset: "default" }),
    suspendType: choice("powerType.suspend", { hard: "hard", soft: "soft", preset: "default" }),
    resetType: choice("powerType.reset", { soft: "soft", hard: "hard", preset: "default" }),
    standbyAction: choice("chipset.onlineStandby", { checkpoint: "FALSE", powerOnSuspend: "TRUE" }),
  },
  bootOptions: {
    bootDelay: count("bios.bootDelay"),
    enterBIOSSetup: flag("bios.forceSetupOnce"),
    efiSecureBootEnabled: flag("uefi.secureBoot.enabled", { off: true }),
    bootRetryEnabled: flag("bios.bootRetry.enabled"),
    networkBootProtocol: choice("networkBootProtocol", { ipv4: "ipv4", ipv6: "ipv6" }),
  },
} satisfies { readonly config: Rows<Spec> } & {
  readonly [Part in keyof Spec]?: Rows<NonNullable<Spec[Part]>>;
};

type Scalars = {
  readonly [Part in keyof typeof SCALARS]: {
    readonly [Name in keyof (typeof SCALARS)[Part]]: (typeof SCALARS)[Part][Name] extends Scalar<infer Value>
      ? Value
      : never;
  };
};

const BY_PART = Object.entries(
  SCALARS as Readonly<Record<string, Readonly<Record<string, Scalar<unknown>>>>>,
);

const ROWS = BY_PART.flatMap(([part, rows]) =>
  Object.entries(rows).map(([name, scalar]) => ({ part, name, scalar })),
);

/** Keys of the `.vmx` that have a row. */
export const SCALAR_KEYS = ROWS.map(({ scalar }) => scalar.key);

/** All of them, by structure. */
export function readScalars(vmx: Vmx): Scalars {
  const read = (rows: Readonly<Record<string, Scalar<unknown>>>) =>
    Object.fromEntries(Object.entries(rows).map(([name, scalar]) => [name, scalar.read(vmx)]));
  return Object.fromEntries(BY_PART.map(([part, rows]) => [part, read(rows)])) as Scalars;
}

/** @throws VimFault InvalidArgument */
export function writeScalars(vmx: Vmx, spec: Spec): void {
  for (const { scalar, value, property } of asked(spec)) vmx.set(scalar.key, scalar.text(value, property));
}

/** Whether a specification changes a value that a running VM cannot change. */
export function changesFixedScalar(vmx: Vmx, spec: Spec): boolean {
  return asked(spec).some(({ scalar, value }) => scalar.off && scalar.read(vmx) !== value);
}

function asked(spec: Spec) {
  return ROWS.flatMap(({ part, name, scalar }) => {
    const structure = part === "config" ? spec : (spec as Readonly<Record<string, unknown>>)[part];
    const value = (structure as Readonly<Record<string, unknown>> | undefined)?.[name];
    const property = part === "config" ? `configSpec.${name}` : `configSpec.${part}.${name}`;
    return value === undefined ? [] : [{ scalar, value, property }];
  });
}
