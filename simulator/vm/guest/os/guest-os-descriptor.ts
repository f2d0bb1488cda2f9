/** A host's data about each guest operating system: hardware for which it has drivers, and recommended values. */
import type { GuestOsDescriptor } from "../../../../schema/index.ts";
import type { GuestOs } from "./guest-os.ts";

const IDE = "VirtualIDEController";
const BUS_LOGIC = "VirtualBusLogicController";
const LSI = "VirtualLsiLogicController";
const SAS = "VirtualLsiLogicSASController";
const PVSCSI = "ParaVirtualSCSIController";
const AHCI = "VirtualAHCIController";
const NVME = "VirtualNVMEController";
const PCNET = "VirtualPCNet32";
const E1000 = "VirtualE1000";
const E1000E = "VirtualE1000e";
const VMXNET3 = "VirtualVmxnet3";
const USB = ["VirtualUSBController", "VirtualUSBXHCIController"];

/** A generation of systems with the same drivers. */
interface Drivers {
  readonly pattern: RegExp;
  readonly controllers: readonly string[];
  readonly scsi: string;
  /** The best of the controllers. Default `scsi`. */
  readonly disk?: string;
  readonly cards: readonly string[];
  readonly card: string;
  readonly efi: "none" | "possible" | "recommended";
  /** MB. */
  readonly memory: { readonly min: number; readonly recommended: number };
  readonly diskMB: number;
}

/** The first pattern that fits counts. */
const GENERATIONS: readonly Drivers[] = [
  {
    pattern: /^(dos|win31|win95|win98|winMe|os2|eCom|netware|openServer|unixWare|sjds)/,
    controllers: [IDE, BUS_LOGIC, LSI],
    scsi: BUS_LOGIC,
    disk: IDE,
    cards: [PCNET, E1000],
    card: PCNET,
    efi: "none",
    memory: { min: 4, recommended: 64 },
    diskMB: 2048,
  },
  {
    pattern:
      /^(winNTGuest|win2000|other24x|rhel2|rhel3|redhat|nld9|turboLinuxGuest|freebsdGuest|solaris[6789])/,
    controllers: [IDE, BUS_LOGIC, LSI],
    scsi: LSI,
    cards: [PCNET, E1000],
    card: E1000,
    efi: "none",
    memory: { min: 32, recommended: 256 },
    diskMB: 8192,
  },
  {
    pattern: /^(winXP|winNet)/,
    controllers: [IDE, LSI, PVSCSI, AHCI],
    scsi: LSI,
    cards: [E1000, PCNET, VMXNET3],
    card: E1000,
    efi: "none",
    memory: { min: 128, recommended: 512 },
    diskMB: 16_384,
  },
  {
    pattern: /^(winVista|winLonghorn|windows7|windowsHyperV)/,
    controllers: [IDE, LSI, SAS, PVSCSI, AHCI, NVME],
    scsi: SAS,
    cards: [E1000, E1000E, VMXNET3],
    card: E1000,
    efi: "possible",
    memory: { min: 512, recommended: 2048 },
    diskMB: 32_768,
  },
  {
    pattern: /^windows(11|12|2019srvNext|2022srvNext)/,
    controllers: [SAS, PVSCSI, AHCI, NVME, IDE],
    scsi: SAS,
    disk: NVME,
    cards: [E1000E, VMXNET3],
    card: VMXNET3,
    efi: "recommended",
    memory: { min: 2048, recommended: 4096 },
    diskMB: 65_536,
  },
  {
    pattern: /^windows/,
    controllers: [IDE, LSI, SAS, PVSCSI, AHCI, NVME],
    scsi: SAS,
    cards: [E1000, E1000E, VMXNET3],
    card: E1000E,
    efi: "recommended",
    memory: { min: 1024, recommended: 4096 },
    diskMB: 49_152,
  },
  {
    pattern: /^(darwin|solaris|freebsd(64|11))/,
    controllers: [IDE, LSI, SAS, AHCI, NVME],
    scsi: LSI,
    cards: [E1000, E1000E, VMXNET3],
    card: E1000,
    efi: "possible",
    memory: { min: 256, recommended: 2048 },
    diskMB: 20_480,
  },
  {
    pattern: /^(otherGuest|otherLinux)/,
    controllers: [IDE, BUS_LOGIC, LSI, SAS, PVSCSI, AHCI, NVME],
    scsi: LSI,
    cards: [E1000, PCNET, E1000E, VMXNET3],
    card: E1000,
    efi: "possible",
    memory: { min: 4, recommended: 384 },
    diskMB: 8192,
  },
  {
    pattern:
      /^(rhel(8|9|10)|centos[89]|oracleLinux(8|9|10)|debian1[123]|ubuntu64|rocky|alma|other[567]x|sles1[56]|amazon|flatcar|vmwarePhoton|vmkernel[789])/,
    controllers: [IDE, LSI, SAS, PVSCSI, AHCI, NVME],
    scsi: PVSCSI,
    cards: [E1000, E1000E, VMXNET3],
    card: VMXNET3,
    efi: "recommended",
    memory: { min: 512, recommended: 2048 },
    diskMB: 20_480,
  },
  {
    pattern: /./,
    controllers: [IDE, BUS_LOGIC, LSI, SAS, PVSCSI, AHCI, NVME],
    scsi: PVSCSI,
    cards: [E1000, PCNET, E1000E, VMXNET3],
    card: VMXNET3,
    efi: "possible",
    memory: { min: 32, recommended: 1024 },
    diskMB: 16_384,
  },
];

/** The first virtual hardware that lists a system. Systems without an entry are in all lists. */
const FIRST_HARDWARE: readonly (readonly [pattern: RegExp, version: number])[] = [
  [
    /^(rhel10|other7x|sles16|debian13|oracleLinux10|windows12|freebsd15|vmkernel9|miracle|fusionos|prolinux|kylin)/,
    22,
  ],
  [/^(windows11|windows2022srvNext|debian12|freebsd14|other6x|rocky|alma|vmkernel8|flatcar)/, 20],
  [
    /^(windows2019srvNext|rhel9|centos9|oracleLinux9|debian11|freebsd13|other5x|amazonlinux3|vmkernel7|crx|pardus)/,
    17,
  ],
  [/^(windows2019srv_|rhel8|centos8|oracleLinux8|sles15|other4x|freebsd1[12]|amazonlinux2|debian10)/, 14],
];

const MAX_MEMORY_32_MB = 65_536;

/** True if the virtual hardware of that version lists the system. */
export function isKnownTo(guest: GuestOs, hardware: number): boolean {
  return (FIRST_HARDWARE.find(([pattern]) => pattern.test(guest.id))?.[1] ?? 4) <= hardware;
}

/**
 * @param hardware number of the virtual hardware
 * @param limits the most CPUs and MB that a VM of it can have
 */
export function describeGuest(
  guest: GuestOs,
  hardware: number,
  limits: { readonly cpus: number; readonly memoryMB: number },
): GuestOsDescriptor {
  const drivers =
    GENERATIONS.find(({ pattern }) => pattern.test(guest.id)) ?? GENERATIONS[GENERATIONS.length - 1];
  if (drivers === undefined) throw new Error(`No generation of drivers fits ${guest.id}`);
  const has = (type: string): boolean =>
    (type !== NVME || hardware >= 13) &&
    (type !== AHCI || hardware >= 10) &&
    (type !== E1000E || hardware >= 8);
  const isOld = drivers === GENERATIONS[0];
  const cpus = isOld ? 1 : guest.bits === 32 ? Math.min(32, limits.cpus) : limits.cpus;
  const hasEfi = drivers.efi !== "none" && hardware >= 8;
  const isModern = drivers.controllers.includes(PVSCSI);
  const disk = drivers.disk ?? drivers.scsi;
  return {
    id: guest.id,
    family: guest.family,
    fullName: guest.fullName,
    supportedMaxCPUs: cpus,
    numSupportedPhysicalSockets: isOld ? 1 : Math.min(cpus, 64),
    numSupportedCoresPerSocket: cpus,
    supportedMinMemMB: drivers.memory.min,
    supportedMaxMemMB: guest.bits === 32 ? Math.min(MAX_MEMORY_32_MB, limits.memoryMB) : limits.memoryMB,
    recommendedMemMB: drivers.memory.recommended,
    recommendedColorDepth: 24,
    supportedDiskControllerList: drivers.controllers.filter(has),
    recommendedSCSIController: drivers.scsi,
    recommendedDiskController: has(disk) ? disk : drivers.scsi,
    supportedNumDisks: 8,
    recommendedDiskSizeMB: drivers.diskMB,
    recommendedCdromController: isModern && hardware >= 10 ? AHCI : IDE,
    supportedEthernetCard: drivers.cards.filter(has),
    recommendedEthernetCard: has(drivers.card) ? drivers.card : E1000,
    supportsSlaveDisk: true,
    smcRequired: false,
    supportsWakeOnLan: true,
    supportsVMI: false,
    supportsMemoryHotAdd: isModern,
    supportsCpuHotAdd: isModern && guest.bits === 64,
    supportsCpuHotRemove: false,
    supportedFirmware: hasEfi ? ["bios", "efi"] : ["bios"],
    recommendedFirmware: hasEfi && drivers.efi === "recommended" ? "efi" : "bios",
    supportedUSBControllerList: isOld ? USB.slice(0, 1) : USB,
    recommendedUSBController: isModern ? USB[1] : USB[0],
    supports3D: isModern,
    recommended3D: false,
    smcRecommended: false,
    ich7mRecommended: false,
    usbRecommended: isModern && guest.family === "windowsGuest",
    supportLevel: isOld ? "legacy" : "supported",
    supportedForCreate: true,
    vRAMSizeInKB: { min: 1024, max: 262_144, defaultValue: isModern ? 8192 : 4096 },
    numSupportedFloppyDevices: 2,
    wakeOnLanEthernetCard: drivers.cards.filter(has),
    supportsPvscsiControllerForBoot: isModern,
    diskUuidEnabled: false,
    supportsHotPlugPCI: isModern,
    supportsSecureBoot: hasEfi && isModern && hardware >= 13,
    defaultSecureBoot: hasEfi && drivers.efi === "recommended" && hardware >= 13,
    persistentMemorySupported: false,
    supportedMinPersistentMemoryMB: 0,
    supportedMaxPersistentMemoryMB: 0,
    recommendedPersistentMemoryMB: 0,
    persistentMemoryHotAddSupported: false,
    persistentMemoryHotRemoveSupported: false,
    persistentMemoryColdGrowthSupported: false,
    persistentMemoryColdGrowthGranularityMB: 0,
    persistentMemoryHotGrowthSupported: false,
    persistentMemoryHotGrowthGranularityMB: 0,
    numRecommendedPhysicalSockets: 1,
    numRecommendedCoresPerSocket: 1,
  };
}
