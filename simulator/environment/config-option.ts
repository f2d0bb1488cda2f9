/** The answer of QueryConfigOption about a version of virtual hardware. */
import type {
  IntOption,
  VirtualDeviceOption,
  VirtualHardwareOption,
  VirtualMachineConfigOption,
} from "../../schema/index.ts";
import { CAPABILITY } from "../vm/capability.ts";
import { GUESTS } from "../vm/guest/os/guest-os.ts";
import { describeGuest, isKnownTo } from "../vm/guest/os/guest-os-descriptor.ts";
import { hardwareKey } from "../vm/hardware-version.ts";

/** The most CPUs and MB of a VM, from that hardware on. */
const LIMITS: readonly (readonly [hardware: number, cpus: number, memoryMB: number])[] = [
  [20, 768, 25_165_824],
  [18, 768, 25_165_824],
  [17, 256, 6_275_072],
  [13, 128, 6_275_072],
  [11, 128, 4_177_920],
  [10, 64, 1_035_264],
  [8, 32, 1_035_264],
  [7, 8, 261_120],
  [4, 4, 65_532],
];

/** @param guestIds only these guests. Undefined for all */
export function configOption(
  hardware: number,
  description: string,
  guestIds: readonly string[] | undefined,
): VirtualMachineConfigOption {
  const [, cpus = 4, memoryMB = 65_532] = LIMITS.find(([first]) => first <= hardware) ?? [];
  const guests = GUESTS.filter((one) => isKnownTo(one, hardware) && (guestIds?.includes(one.id) ?? true));
  return {
    version: hardwareKey(hardware),
    description,
    guestOSDescriptor: guests.map((one) => describeGuest(one, hardware, { cpus, memoryMB })),
    guestOSDefaultIndex: 0,
    hardwareOptions: hardwareOption(hardware, cpus, memoryMB),
    capabilities: CAPABILITY,
    datastore: { unsupportedVolumes: [] },
    supportedMonitorType: ["release", "debug", "stats"],
    supportedOvfEnvironmentTransport: ["com.vmware.guestInfo", "iso"],
    supportedOvfInstallTransport: [],
  };
}

function hardwareOption(hardware: number, cpus: number, memoryMB: number): VirtualHardwareOption {
  const shares = (max: number, defaultValue: number) => ({
    sharesOption: { sharesOption: range(0, max, defaultValue), defaultLevel: "normal" as const },
  });
  return {
    hwVersion: hardware,
    virtualDeviceOption: deviceOptions(hardware),
    deviceListReadonly: false,
    numCPU: Array.from({ length: cpus }, (_, index) => index + 1),
    numCoresPerSocket: range(1, cpus, 1),
    numCpuReadonly: false,
    memoryMB: range(4, memoryMB, 32),
    numPCIControllers: range(1, 1, 1),
    numIDEControllers: range(2, 2, 2),
    numUSBControllers: range(0, 1, 0),
    numUSBXHCIControllers: range(0, hardware >= 8 ? 1 : 0, 0),
    numSIOControllers: range(1, 1, 1),
    numPS2Controllers: range(1, 1, 1),
    licensingLimit: [],
    resourceConfigOption: {
      cpuAllocationOption: shares(1_000_000, 1000),
      memoryAllocationOption: shares(1_000_000, 10),
    },
  };
}

function deviceOptions(hardware: number): VirtualDeviceOption[] {
  const scsi = ["VirtualBusLogicController", "VirtualLsiLogicController"];
  if (hardware >= 7) scsi.push("VirtualLsiLogicSASController", "ParaVirtualSCSIController");
  const cards = ["VirtualPCNet32", "VirtualE1000"];
  if (hardware >= 7) cards.push("VirtualVmxnet3");
  if (hardware >= 8) cards.push("VirtualE1000e");
  const options: VirtualDeviceOption[] = [
    ide(),
    ...scsi.map(scsiController),
    ...(hardware >= 10 ? [ahci()] : []),
    ...(hardware >= 13 ? [nvme()] : []),
    ...cards.map(card),
  ];
  return options;
}

function ide(): VirtualDeviceOption {
  return {
    ...option("VirtualIDEController", false),
    ...{ devices: range(0, 2, 0), numIDEDisks: range(0, 2, 0), numIDECdroms: range(0, 2, 0) },
  };
}

function scsiController(type: string): VirtualDeviceOption {
  return {
    ...option(type, type !== "VirtualBusLogicController"),
    ...{
      devices: range(0, 15, 0),
      numSCSIDisks: range(0, 15, 0),
      numSCSICdroms: range(0, 15, 0),
      numSCSIPassthrough: range(0, 15, 0),
      sharing: ["noSharing", "virtualSharing", "physicalSharing"],
      defaultSharedIndex: 0,
      hotAddRemove: flag(true),
      scsiCtlrUnitNumber: 7,
    },
  };
}

function ahci(): VirtualDeviceOption {
  return {
    ...option("VirtualAHCIController", false),
    ...{ devices: range(0, 30, 0), numSATADisks: range(0, 30, 0), numSATACdroms: range(0, 30, 0) },
  };
}

function nvme(): VirtualDeviceOption {
  return {
    ...option("VirtualNVMEController", true),
    ...{ devices: range(0, 15, 0), numNVMEDisks: range(0, 15, 0) },
  };
}

function card(type: string): VirtualDeviceOption {
  const choice = (...labels: string[]) => ({
    choiceInfo: labels.map((label) => ({ label, summary: label, key: label })),
    defaultIndex: 0,
  });
  return {
    ...option(type, true),
    ...{
      supportedOUI: choice("00:0C:29", "00:50:56"),
      macType: choice("Generated", "Manual", "Assigned"),
      wakeOnLanEnabled: flag(true),
      ...(type === "VirtualPCNet32" ? { supportsMorphing: true } : {}),
    },
  };
}

function option(type: string, isHot: boolean): VirtualDeviceOption & { readonly $type: string } {
  return { $type: `${type}Option`, type, deprecated: false, plugAndPlay: isHot, hotRemoveSupported: isHot };
}

function range(min: number, max: number, defaultValue: number): IntOption {
  return { min, max, defaultValue };
}

function flag(defaultValue: boolean) {
  return { supported: true, defaultValue };
}
