/** A VM's ConfigInfo, read from its `.vmx`. */
import type {
  ResourceAllocationInfo,
  ResourceConfigSpec,
  SharesInfo,
  VirtualDevice,
  VirtualMachineConfigInfo,
} from "../../schema/index.ts";
import { isOwnKey } from "./config-keys.ts";
import { guestOsOfVmx } from "./guest-os.ts";
import { formatUuid } from "./uuid.ts";
import type { Vmx } from "./vmx.ts";

export interface ConfigContext {
  readonly vmx: Vmx;
  /** `[datastore1] dir/name.vmx` */
  readonly vmxPath: string;
  readonly datastore: { readonly name: string; readonly url: string };
  readonly devices: readonly VirtualDevice[];
  /** When the configuration was last changed. */
  readonly modified: Date;
  readonly changeVersion: string;
}

export function readConfig(context: ConfigContext): VirtualMachineConfigInfo {
  const { vmx, vmxPath } = context;
  const guest = guestOsOfVmx(vmx.get("guestOS") ?? "other");
  const folder = vmxPath.slice(0, vmxPath.lastIndexOf("/") + 1);
  return {
    changeVersion: context.changeVersion,
    modified: context.modified.toISOString(),
    name: vmx.get("displayName") ?? "",
    guestFullName: guest.fullName,
    version: `vmx-${String(vmx.number("virtualHW.version") ?? 8).padStart(2, "0")}`,
    uuid: biosUuid(vmx),
    createDate: vmx.get("createDate"),
    instanceUuid: instanceUuid(vmx),
    npivTemporaryDisabled: true,
    template: false,
    guestId: guest.id,
    alternateGuestName: "",
    annotation: vmx.get("annotation") ?? "",
    files: { vmPathName: vmxPath, snapshotDirectory: folder, suspendDirectory: folder, logDirectory: folder },
    tools: {
      toolsVersion: 0,
      afterPowerOn: true,
      afterResume: true,
      beforeGuestStandby: true,
      beforeGuestShutdown: true,
      toolsUpgradePolicy: vmx.get("tools.upgrade.policy") ?? "manual",
      syncTimeWithHost: vmx.flag("tools.syncTime"),
    },
    flags: {
      disableAcceleration: false,
      enableLogging: true,
      useToe: false,
      runWithDebugInfo: false,
      monitorType: "release",
      htSharing: "any",
      snapshotDisabled: false,
      snapshotLocked: false,
      diskUuidEnabled: vmx.flag("disk.EnableUUID"),
      virtualMmuUsage: "automatic",
      virtualExecUsage: "hvAuto",
      snapshotPowerOffBehavior: "powerOff",
      recordReplayEnabled: false,
      faultToleranceType: "unset",
      vvtdEnabled: vmx.flag("vvtd.enable"),
    },
    defaultPowerOps: {
      powerOffType: "soft",
      suspendType: "hard",
      resetType: "soft",
      defaultPowerOffType: "soft",
      defaultSuspendType: "hard",
      defaultResetType: "soft",
      standbyAction: "checkpoint",
    },
    hardware: {
      numCPU: vmx.number("numvcpus") ?? 1,
      numCoresPerSocket: vmx.number("cpuid.coresPerSocket") ?? 1,
      memoryMB: vmx.number("memSize") ?? 32,
      virtualICH7MPresent: false,
      virtualSMCPresent: false,
      device: context.devices,
    },
    cpuAllocation: allocation(vmx, "cpu"),
    memoryAllocation: allocation(vmx, "mem"),
    memoryHotAddEnabled: vmx.flag("mem.hotadd"),
    cpuHotAddEnabled: vmx.flag("vcpu.hotadd"),
    cpuHotRemoveEnabled: vmx.flag("vcpu.hotremove"),
    extraConfig: vmx
      .entries()
      .filter(([key]) => !isOwnKey(key))
      .map(([key, value]) => ({ key, value })),
    datastoreUrl: [context.datastore],
    swapPlacement: "inherit",
    bootOptions: {
      bootDelay: vmx.number("bios.bootDelay") ?? 0,
      enterBIOSSetup: vmx.flag("bios.forceSetupOnce"),
      efiSecureBootEnabled: vmx.flag("uefi.secureBoot.enabled"),
      bootRetryEnabled: vmx.flag("bios.bootRetry.enabled"),
      bootRetryDelay: vmx.number("bios.bootRetry.delay") ?? 10_000,
      networkBootProtocol: "ipv4",
    },
    vAssertsEnabled: false,
    changeTrackingEnabled: false,
    firmware: vmx.get("firmware") ?? "bios",
    maxMksConnections: -1,
    guestAutoLockEnabled: true,
    memoryReservationLockedToMax: false,
    nestedHVEnabled: vmx.flag("vhv.enable"),
    vPMCEnabled: vmx.flag("vpmc.enable"),
    // Which key it is stands in the safe, encrypted as well.
    ...(vmx.get("encryption.keySafe") === undefined ? {} : { keyId: { keyId: "unknown" } }),
  };
}

export function biosUuid(vmx: Vmx): string {
  return formatUuid(vmx.get("uuid.bios") ?? "") ?? "";
}

export function instanceUuid(vmx: Vmx): string {
  return formatUuid(vmx.get("vc.uuid") ?? "") ?? "";
}

export function resourceConfig(vmx: Vmx, entity: { type: string; value: string }): ResourceConfigSpec {
  return { entity, cpuAllocation: allocation(vmx, "cpu"), memoryAllocation: allocation(vmx, "mem") };
}

function allocation(vmx: Vmx, what: "cpu" | "mem"): ResourceAllocationInfo {
  return {
    reservation: vmx.number(`sched.${what}.min`) ?? 0,
    expandableReservation: false,
    limit: vmx.number(`sched.${what}.max`) ?? -1,
    shares: shares(vmx, what),
    ...(what === "mem" ? { overheadLimit: 0 } : {}),
  };
}

const WEIGHTS = { low: 0.5, normal: 1, high: 2 } as const;

function shares(vmx: Vmx, what: "cpu" | "mem"): SharesInfo {
  const text = vmx.get(`sched.${what}.shares`) ?? "normal";
  if (text !== "low" && text !== "normal" && text !== "high")
    return { shares: Number(text) || 0, level: "custom" };
  const units = what === "cpu" ? (vmx.number("numvcpus") ?? 1) * 1000 : (vmx.number("memSize") ?? 32) * 10;
  return { shares: Math.round(units * WEIGHTS[text]), level: text };
}
