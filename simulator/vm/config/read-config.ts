/** A VM's ConfigInfo, read from its `.vmx`. */
import type {
  ResourceConfigSpec,
  VirtualDevice,
  VirtualMachineConfigInfo,
  VirtualMachineDefaultPowerOpInfo,
} from "../../../schema/index.ts";
import { guestOsOfVmx } from "../guest/os/guest-os.ts";
import { hardwareKey } from "../hardware-version.ts";
import { formatUuid } from "../identity/uuid.ts";
import type { Vmx } from "../vmx.ts";
import { readAllocation } from "./allocation.ts";
import { readBoot } from "./boot.ts";
import { isOwnKey } from "./keys.ts";
import { readScalars } from "./scalars.ts";

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
  const { config, powerOpInfo, ...scalars } = readScalars(vmx);
  const guest = guestOsOfVmx(vmx.get("guestOS") ?? "other");
  const folder = vmxPath.slice(0, vmxPath.lastIndexOf("/") + 1);
  return {
    ...config,
    ...scalars,
    changeVersion: context.changeVersion,
    modified: context.modified.toISOString(),
    name: vmx.get("displayName") ?? "",
    guestFullName: guest.fullName,
    version: hardwareKey(vmx.number("virtualHW.version") ?? 8),
    uuid: biosUuid(vmx),
    createDate: vmx.get("createDate"),
    instanceUuid: instanceUuid(vmx),
    npivTemporaryDisabled: true,
    template: false,
    guestId: guest.id,
    files: { vmPathName: vmxPath, snapshotDirectory: folder, suspendDirectory: folder, logDirectory: folder },
    tools: { toolsVersion: 0, ...scalars.tools },
    flags: { ...scalars.flags, useToe: false, recordReplayEnabled: false, faultToleranceType: "unset" },
    defaultPowerOps: { ...powerOpInfo, ...defaultsOf(powerOpInfo) },
    hardware: {
      numCPU: vmx.number("numvcpus") ?? 1,
      numCoresPerSocket: vmx.number("cpuid.coresPerSocket") ?? 1,
      memoryMB: vmx.number("memSize") ?? 32,
      virtualICH7MPresent: false,
      virtualSMCPresent: false,
      device: context.devices,
    },
    cpuAllocation: readAllocation(vmx, "cpu"),
    memoryAllocation: readAllocation(vmx, "mem"),
    extraConfig: vmx
      .entries()
      .filter(([key]) => !isOwnKey(key))
      .map(([key, value]) => ({ key, value })),
    datastoreUrl: [context.datastore],
    swapPlacement: "inherit",
    bootOptions: { ...scalars.bootOptions, ...readBoot(vmx) },
    vAssertsEnabled: false,
    changeTrackingEnabled: false,
    firmware: vmx.get("firmware") ?? "bios",
    maxMksConnections: -1,
    guestAutoLockEnabled: true,
    // The key's id is in the safe, and encrypted too.
    ...(vmx.get("encryption.keySafe") === undefined ? {} : { keyId: { keyId: "unknown" } }),
  };
}

/** The actions of the power buttons if a VM leaves them to the host. */
function defaultsOf({
  powerOffType: off,
  suspendType: suspend,
  resetType: reset,
}: VirtualMachineDefaultPowerOpInfo): VirtualMachineDefaultPowerOpInfo {
  return {
    defaultPowerOffType: off === "preset" ? "soft" : off,
    defaultSuspendType: suspend === "preset" ? "hard" : suspend,
    defaultResetType: reset === "preset" ? "soft" : reset,
  };
}

export function biosUuid(vmx: Vmx): string {
  return formatUuid(vmx.get("uuid.bios") ?? "") ?? "";
}

export function instanceUuid(vmx: Vmx): string {
  return formatUuid(vmx.get("vc.uuid") ?? "") ?? "";
}

export function resourceConfig(vmx: Vmx, entity: { type: string; value: string }): ResourceConfigSpec {
  return { entity, cpuAllocation: readAllocation(vmx, "cpu"), memoryAllocation: readAllocation(vmx, "mem") };
}
