/** Writes what a ConfigSpec asks for, devices aside, into a `.vmx`. */
import type {
  ResourceAllocationInfo,
  VirtualMachineBootOptions,
  VirtualMachineConfigSpec,
} from "../../schema/index.ts";
import { invalidArgument, VimFault } from "../soap/fault.ts";
import { isOwnKey } from "./config-keys.ts";
import { findGuestOs } from "./guest-os.ts";
import { hardwareNumber } from "./hardware-version.ts";
import { storedName } from "./names.ts";
import { formatUuid, vmxUuid } from "./uuid.ts";
import type { Vmx } from "./vmx.ts";

const MAX_VCPUS = 768;
const MAX_MEMORY_MB = 25_165_824;

/** @throws VimFault InvalidArgument, InvalidName, VirtualHardwareVersionNotSupported */
export function writeConfig(vmx: Vmx, spec: VirtualMachineConfigSpec, apiVersion: string): void {
  if (spec.name !== undefined) vmx.set("displayName", storedName(spec.name));
  if (spec.version !== undefined) vmx.set("virtualHW.version", hardware(spec.version, apiVersion));
  if (spec.uuid !== undefined) vmx.set("uuid.bios", vmxUuid(uuid(spec.uuid, "configSpec.uuid")));
  if (spec.instanceUuid !== undefined)
    vmx.set("vc.uuid", vmxUuid(uuid(spec.instanceUuid, "configSpec.instanceUuid")));
  if (spec.annotation !== undefined)
    vmx.set("annotation", spec.annotation === "" ? undefined : spec.annotation);
  if (spec.guestId !== undefined) vmx.set("guestOS", guestOs(spec.guestId));
  writeSize(vmx, spec);
  const flags: [string, boolean | undefined][] = [
    ["mem.hotadd", spec.memoryHotAddEnabled],
    ["vcpu.hotadd", spec.cpuHotAddEnabled],
    ["vcpu.hotremove", spec.cpuHotRemoveEnabled],
    ["vhv.enable", spec.nestedHVEnabled],
    ["vpmc.enable", spec.vPMCEnabled],
    ["disk.EnableUUID", spec.flags?.diskUuidEnabled],
    ["vvtd.enable", spec.flags?.vvtdEnabled],
    ["tools.syncTime", spec.tools?.syncTimeWithHost],
  ];
  for (const [key, value] of flags) if (value !== undefined) vmx.set(key, value ? true : undefined);
  if (spec.tools?.toolsUpgradePolicy !== undefined)
    vmx.set("tools.upgrade.policy", spec.tools.toolsUpgradePolicy);
  if (spec.firmware !== undefined) vmx.set("firmware", firmware(spec.firmware));
  if (spec.bootOptions) writeBoot(vmx, spec.bootOptions);
  if (spec.cpuAllocation) writeAllocation(vmx, "cpu", spec.cpuAllocation);
  if (spec.memoryAllocation) writeAllocation(vmx, "mem", spec.memoryAllocation);
  for (const option of spec.extraConfig ?? []) {
    if (isOwnKey(option.key)) continue;
    const value = option.value === undefined ? "" : String(option.value);
    vmx.set(option.key, value === "" ? undefined : value);
  }
}

function writeSize(vmx: Vmx, spec: VirtualMachineConfigSpec): void {
  const { numCPUs, numCoresPerSocket, memoryMB } = spec;
  if (numCPUs !== undefined) {
    if (numCPUs < 1 || numCPUs > MAX_VCPUS) throw invalidArgument("configSpec.numCPUs");
    vmx.set("numvcpus", numCPUs);
  }
  if (numCoresPerSocket !== undefined) {
    if (numCoresPerSocket < 1) throw invalidArgument("configSpec.numCoresPerSocket");
    vmx.set("cpuid.coresPerSocket", numCoresPerSocket);
  }
  if (memoryMB !== undefined) {
    if (memoryMB < 4 || memoryMB > MAX_MEMORY_MB) throw invalidArgument("configSpec.memoryMB");
    vmx.set("memSize", memoryMB);
  }
  const cpus = vmx.number("numvcpus") ?? 1;
  const cores = vmx.number("cpuid.coresPerSocket") ?? 1;
  if (cpus % cores !== 0) throw invalidArgument("configSpec.numCoresPerSocket");
}

function writeBoot(vmx: Vmx, boot: VirtualMachineBootOptions): void {
  if (boot.bootDelay !== undefined)
    vmx.set("bios.bootDelay", boot.bootDelay === 0 ? undefined : boot.bootDelay);
  if (boot.enterBIOSSetup !== undefined)
    vmx.set("bios.forceSetupOnce", boot.enterBIOSSetup ? true : undefined);
  if (boot.bootRetryEnabled !== undefined)
    vmx.set("bios.bootRetry.enabled", boot.bootRetryEnabled ? true : undefined);
  if (boot.bootRetryDelay !== undefined) vmx.set("bios.bootRetry.delay", boot.bootRetryDelay);
  if (boot.efiSecureBootEnabled !== undefined) {
    vmx.set("uefi.secureBoot.enabled", boot.efiSecureBootEnabled ? true : undefined);
  }
}

function writeAllocation(vmx: Vmx, what: "cpu" | "mem", allocation: ResourceAllocationInfo): void {
  const { reservation, limit, shares } = allocation;
  if (reservation !== undefined) vmx.set(`sched.${what}.min`, reservation);
  if (limit !== undefined) vmx.set(`sched.${what}.max`, limit < 0 ? undefined : limit);
  if (shares) vmx.set(`sched.${what}.shares`, shares.level === "custom" ? shares.shares : shares.level);
}

function hardware(version: string, apiVersion: string): number {
  const number = hardwareNumber(version, apiVersion);
  if (number !== undefined) return number;
  throw new VimFault(
    "VirtualHardwareVersionNotSupported",
    `Virtual hardware version '${version}' is not supported on this host.`,
    {
      hostName: "localhost.localdomain",
      host: { type: "HostSystem", value: "ha-host" },
    },
  );
}

function guestOs(guestId: string): string {
  const found = findGuestOs(guestId);
  if (found === undefined) throw invalidArgument("configSpec.guestId");
  return found.vmx;
}

function firmware(name: string): string {
  if (name !== "bios" && name !== "efi") throw invalidArgument("configSpec.firmware");
  return name;
}

function uuid(text: string, property: string): string {
  const formatted = formatUuid(text);
  if (formatted === undefined) throw invalidArgument(property);
  return formatted;
}
