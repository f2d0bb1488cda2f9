/** Writes the settings of a ConfigSpec, without devices, into a `.vmx`. */
import type { VirtualMachineConfigSpec } from "../../../schema/index.ts";
import { invalidArgument } from "../../soap/fault.ts";
import { findGuestOs } from "../guest/os/guest-os.ts";
import { hardwareNumber, unsupportedHardware } from "../hardware-version.ts";
import { storedName } from "../identity/names.ts";
import { formatUuid, vmxUuid } from "../identity/uuid.ts";
import type { Vmx } from "../vmx.ts";
import { checkAllocation, writeAllocation } from "./allocation.ts";
import { checkSecureBoot, writeBoot } from "./boot.ts";
import { isOwnKey } from "./keys.ts";
import { writeScalars } from "./scalars.ts";

const MAX_VCPUS = 768;
const MAX_MEMORY_MB = 25_165_824;

/** @throws VimFault InvalidArgument, InvalidName, VirtualHardwareVersionNotSupported */
export function writeConfig(vmx: Vmx, spec: VirtualMachineConfigSpec, apiVersion: string): void {
  if (spec.name !== undefined) vmx.set("displayName", storedName(spec.name));
  if (spec.version !== undefined) vmx.set("virtualHW.version", hardware(spec.version, apiVersion));
  if (spec.uuid !== undefined) vmx.set("uuid.bios", vmxUuid(uuid(spec.uuid, "configSpec.uuid")));
  if (spec.instanceUuid !== undefined)
    vmx.set("vc.uuid", vmxUuid(uuid(spec.instanceUuid, "configSpec.instanceUuid")));
  if (spec.guestId !== undefined) vmx.set("guestOS", guestOs(spec.guestId));
  writeSize(vmx, spec);
  writeScalars(vmx, spec);
  if (spec.firmware !== undefined) vmx.set("firmware", firmware(spec.firmware));
  if (spec.bootOptions) writeBoot(vmx, spec.bootOptions);
  if (spec.bootOptions || spec.firmware !== undefined) checkSecureBoot(vmx);
  writeAllocations(vmx, spec);
  for (const option of spec.extraConfig ?? []) {
    if (isOwnKey(option.key)) continue;
    const value = option.value === undefined ? "" : String(option.value);
    vmx.set(option.key, value === "" ? undefined : value);
  }
}

function writeAllocations(
  vmx: Vmx,
  { cpuAllocation, memoryAllocation, memoryMB }: VirtualMachineConfigSpec,
): void {
  if (cpuAllocation) {
    writeAllocation(vmx, "cpu", cpuAllocation);
    checkAllocation(vmx, "cpu");
  }
  if (memoryAllocation) writeAllocation(vmx, "mem", memoryAllocation);
  if (memoryAllocation || memoryMB !== undefined) checkAllocation(vmx, "mem");
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

function hardware(version: string, apiVersion: string): number {
  const number = hardwareNumber(version, apiVersion);
  if (number !== undefined) return number;
  throw unsupportedHardware(version);
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
