import fc from "fast-check";
import type { allocations } from "../../../../../provider/host/vm/settings/allocation.ts";
import type { boot } from "../../../../../provider/host/vm/settings/boot.ts";
import { BOOT_DEVICES } from "../../../../../provider/host/vm/settings/boot-order.ts";
import { GUEST_IDS } from "../../../../../provider/host/vm/settings/guest-ids.ts";
import type { hardware } from "../../../../../provider/host/vm/settings/hardware.ts";
import type { VmWishes } from "../../../../../provider/host/vm/settings/settings.ts";
import type { VirtualMachineConfigInfo, VirtualMachineVideoCard } from "../../../../../schema/index.ts";

type Config = VirtualMachineConfigInfo;

/** A setting of hardware, boot or allocation, as all tests of these settings need it. */
interface HardwareCase<Value> {
  /** What is drawn for it; each value fits what the others may be, if completed. Left out where another brings it along. */
  readonly values?: fc.Arbitrary<Value>;
  /** A value other than the usual one. */
  readonly example: Value;
  /** What a machine has of which the host says nothing. */
  readonly usual: Value;
  readonly off: "always" | "never";
  /** What the raw host says, in the words of the setting. */
  readonly shown: (config: Config) => unknown;
  /** What the example is in a `.vmx` file. */
  readonly vmx: Readonly<Record<string, string>>;
}

const yesOrNo = fc.boolean();
const level = fc.constantFrom("low", "normal", "high", "custom");
const orNone = (low: number, high: number) => fc.oneof(fc.constant(-1), fc.integer({ min: low, max: high }));

const KINDS = { Disk: "disk", Cdrom: "cdrom", Ethernet: "ethernet", Floppy: "floppy" } as const;

/** Has tests of its own: the machine's size, and its notes. */
type Elsewhere = "numCpus" | "numCoresPerSocket" | "memory" | "annotation";
type OfHardware = Exclude<keyof typeof hardware | keyof typeof allocations | keyof typeof boot, Elsewhere>;

/**
 * The one table of tests for settings that are one value: a setting without a row does not compile, and a row's tests are
 * those of the specification, of the `.vmx`, of the checks, of the costs, and of machines by the API and over SSH.
 */
export const HARDWARE_CASES: {
  readonly [Name in OfHardware]: HardwareCase<NonNullable<VmWishes[Name]>>;
} = {
  cpuHotAddEnabled: {
    values: yesOrNo,
    example: true,
    usual: false,
    off: "always",
    shown: (config) => config.cpuHotAddEnabled,
    vmx: { "vcpu.hotadd": "TRUE" },
  },
  cpuHotRemoveEnabled: {
    values: yesOrNo,
    example: true,
    usual: false,
    off: "always",
    shown: (config) => config.cpuHotRemoveEnabled,
    vmx: { "vcpu.hotremove": "TRUE" },
  },
  memoryHotAddEnabled: {
    values: yesOrNo,
    example: true,
    usual: false,
    off: "always",
    shown: (config) => config.memoryHotAddEnabled,
    vmx: { "mem.hotadd": "TRUE" },
  },
  nestedHvEnabled: {
    values: yesOrNo,
    example: true,
    usual: false,
    off: "always",
    shown: (config) => config.nestedHVEnabled,
    vmx: { "vhv.enable": "TRUE" },
  },
  cpuLimit: {
    values: orNone(1000, 9000),
    example: 3000,
    usual: -1,
    off: "never",
    shown: (config) => config.cpuAllocation?.limit,
    vmx: { "sched.cpu.max": "3000", "sched.cpu.units": "mhz" },
  },
  cpuReservation: {
    values: fc.integer({ min: 0, max: 100 }),
    example: 250,
    usual: 0,
    off: "never",
    shown: (config) => config.cpuAllocation?.reservation,
    vmx: { "sched.cpu.min": "250", "sched.cpu.units": "mhz" },
  },
  cpuShareLevel: {
    values: level,
    example: "custom",
    usual: "normal",
    off: "never",
    shown: (config) => config.cpuAllocation?.shares?.level,
    // The count is what the file says.
    vmx: {},
  },
  cpuShareCount: {
    example: 1500,
    usual: 0,
    off: "never",
    shown: (config) => config.cpuAllocation?.shares?.shares,
    vmx: { "sched.cpu.shares": "1500" },
  },
  memoryLimit: {
    values: orNone(64, 4096),
    example: 512,
    usual: -1,
    off: "never",
    shown: (config) => config.memoryAllocation?.limit,
    vmx: { "sched.mem.max": "512" },
  },
  memoryReservation: {
    values: fc.integer({ min: 0, max: 16 }),
    example: 64,
    usual: 0,
    off: "never",
    shown: (config) => config.memoryAllocation?.reservation,
    vmx: { "sched.mem.min": "64" },
  },
  memoryShareLevel: {
    values: level,
    example: "high",
    usual: "normal",
    off: "never",
    shown: (config) => config.memoryAllocation?.shares?.level,
    vmx: { "sched.mem.shares": "high" },
  },
  memoryShareCount: {
    example: 777,
    usual: 0,
    off: "never",
    shown: (config) => config.memoryAllocation?.shares?.shares,
    vmx: { "sched.mem.shares": "777" },
  },
  firmware: {
    values: fc.constantFrom("bios", "efi"),
    example: "efi",
    usual: "bios",
    off: "always",
    shown: (config) => config.firmware,
    vmx: { firmware: "efi" },
  },
  efiSecureBootEnabled: {
    values: yesOrNo,
    example: true,
    usual: false,
    off: "always",
    shown: (config) => config.bootOptions?.efiSecureBootEnabled,
    vmx: { "uefi.secureBoot.enabled": "TRUE" },
  },
  bootDelay: {
    values: fc.integer({ min: 0, max: 10_000 }),
    example: 2000,
    usual: 0,
    off: "never",
    shown: (config) => config.bootOptions?.bootDelay,
    vmx: { "bios.bootDelay": "2000" },
  },
  bootRetryEnabled: {
    values: yesOrNo,
    example: true,
    usual: false,
    off: "never",
    shown: (config) => config.bootOptions?.bootRetryEnabled,
    vmx: { "bios.bootRetry.enabled": "TRUE" },
  },
  bootRetryDelay: {
    values: fc.integer({ min: 1, max: 60 }).map((seconds) => seconds * 1000),
    example: 20_000,
    usual: 10_000,
    off: "never",
    shown: (config) => config.bootOptions?.bootRetryDelay,
    vmx: { "bios.bootRetry.delay": "20" },
  },
  bootOrder: {
    values: fc.shuffledSubarray([...BOOT_DEVICES]),
    example: ["ethernet", "cdrom", "disk", "floppy"],
    usual: [],
    off: "never",
    shown: ({ bootOptions }) =>
      (bootOptions?.bootOrder ?? []).map(
        ({ $type = "" }) => KINDS[/Bootable(\w+)Device$/.exec($type)?.[1] as keyof typeof KINDS],
      ),
    vmx: { "bios.bootOrder": "ethernet1,cdrom,hdd", "bios.hddOrder": "scsi0:0" },
  },
  guestId: {
    values: fc.constantFrom(...GUEST_IDS),
    example: "windows2019srv_64Guest",
    usual: "",
    off: "always",
    shown: (config) => config.guestId,
    vmx: { guestOS: "windows2019srv-64" },
  },
  hardwareVersion: {
    // A machine that exists cannot be given an older one.
    values: fc.constant(21),
    example: 18,
    usual: 0,
    off: "always",
    shown: (config) => Number(config.version.replace("vmx-", "")),
    vmx: { "virtualHW.version": "18" },
  },
  videoMemory: {
    values: fc.integer({ min: 2, max: 256 }),
    example: 32,
    usual: 0,
    off: "always",
    shown: ({ hardware }) => {
      const card: VirtualMachineVideoCard | undefined = hardware.device?.find(
        ({ $type }) => $type === "VirtualMachineVideoCard",
      );
      return (card?.videoRamSizeInKB ?? 0) / 1024;
    },
    vmx: { "svga.vramSize": "33554432", "svga.autodetect": "FALSE" },
  },
  enableDiskUuid: {
    values: yesOrNo,
    example: true,
    usual: false,
    off: "always",
    shown: (config) => config.flags.diskUuidEnabled,
    vmx: { "disk.EnableUUID": "TRUE" },
  },
  enableLogging: {
    values: yesOrNo,
    example: false,
    usual: true,
    off: "always",
    shown: (config) => config.flags.enableLogging,
    vmx: { logging: "FALSE" },
  },
  syncTimeWithHost: {
    values: yesOrNo,
    example: true,
    usual: false,
    off: "never",
    shown: (config) => config.tools?.syncTimeWithHost,
    vmx: { "tools.syncTime": "TRUE" },
  },
  toolsUpgradePolicy: {
    values: fc.constantFrom("manual", "upgradeAtPowerCycle"),
    example: "upgradeAtPowerCycle",
    usual: "manual",
    off: "never",
    shown: (config) => config.tools?.toolsUpgradePolicy,
    vmx: { "tools.upgrade.policy": "upgradeAtPowerCycle" },
  },
  vvtdEnabled: {
    values: yesOrNo,
    example: true,
    usual: false,
    off: "always",
    shown: (config) => config.flags.vvtdEnabled,
    vmx: { "vvtd.enable": "TRUE" },
  },
  vbsEnabled: {
    values: yesOrNo,
    example: true,
    usual: false,
    off: "always",
    shown: (config) => config.flags.vbsEnabled,
    vmx: { "windows.vbs.enabled": "TRUE" },
  },
};

const CASES = Object.entries(HARDWARE_CASES as Readonly<Record<string, HardwareCase<unknown>>>);

/** One thing that the rows say, by setting, of those for which `isMeant`. */
export const ofCases = <T>(
  pick: (one: HardwareCase<unknown>) => T,
  isMeant: (one: HardwareCase<unknown>, name: string) => boolean = () => true,
): Record<string, T> =>
  Object.fromEntries(
    CASES.filter(([name, one]) => isMeant(one, name)).map(([name, one]) => [name, pick(one)]),
  );

/** Examples of what changes while a machine runs, and of what a machine must be off for. */
export const examples = (off: "always" | "never"): Record<string, unknown> =>
  ofCases(
    ({ example }) => example,
    (one) => one.off === off,
  );

/** What the raw host says, in the words of the settings; undefined for a name that has no row. */
export const shown = (name: string): ((config: Config) => unknown) | undefined =>
  CASES.find(([one]) => one === name)?.[1].shown;
