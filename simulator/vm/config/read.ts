/** A VM's ConfigInfo, read from its `.vmx`. */
import type { ResourceConfigSpec, VirtualDevice, VirtualMachineConfigInfo } from "../../../schema/index.ts";
import { guestOsOfVmx } from "../guest/os/guest-os.ts";
import { hardwareKey } from "../hardware-version.ts";
import { formatUuid } from "../identity/uuid.ts";
import type { Vmx } from "../vmx.ts";
import { isMemoryPinned, readAllocation } from "./allocation.ts";
import { readBoot } from "./boot.ts";
import { readFlags, readPowerOps, readTools } from "./flags.ts";
import { isOwnKey } from "./keys.ts";

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
    version: hardwareKey(vmx.number("virtualHW.version") ?? 8),
    uuid: biosUuid(vmx),
    createDate: vmx.get("createDate"),
    instanceUuid: instanceUuid(vmx),
    npivTemporaryDisabled: true,
    template: false,
    guestId: guest.id,
    alternateGuestName: vmx.get("guestOSAltName") ?? "",
    annotation: vmx.get("annotation") ?? "",
    files: { vmPathName: vmxPath, snapshotDirectory: folder, suspendDirectory: folder, logDirectory: folder },
    tools: readTools(vmx),
    flags: readFlags(vmx),
    defaultPowerOps: readPowerOps(vmx),
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
    memoryHotAddEnabled: vmx.flag("mem.hotadd"),
    cpuHotAddEnabled: vmx.flag("vcpu.hotadd"),
    cpuHotRemoveEnabled: vmx.flag("vcpu.hotremove"),
    extraConfig: vmx
      .entries()
      .filter(([key]) => !isOwnKey(key))
      .map(([key, value]) => ({ key, value })),
    datastoreUrl: [context.datastore],
    swapPlacement: "inherit",
    bootOptions: readBoot(vmx),
    vAssertsEnabled: false,
    changeTrackingEnabled: false,
    firmware: vmx.get("firmware") ?? "bios",
    maxMksConnections: -1,
    guestAutoLockEnabled: true,
    memoryReservationLockedToMax: isMemoryPinned(vmx),
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
  return { entity, cpuAllocation: readAllocation(vmx, "cpu"), memoryAllocation: readAllocation(vmx, "mem") };
}
