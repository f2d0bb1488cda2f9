import type { VirtualDevice, VirtualMachineConfigSpec } from "../../../../schema/index.ts";
import { isA } from "../../../vim/codec/objects.ts";
import { newVmx } from "../../../vmx/new-vmx.ts";
import type { Vmx } from "../../../vmx/vmx.ts";
import type { ObservedVm } from "../reading/observed-vm.ts";
import { BLANK_VM } from "../settings/blank-vm.ts";
import { controllersAmong } from "../settings/buses.ts";
import { vmxGuestOs } from "../settings/guest-ids.ts";
import { parseHardwareVersion } from "../settings/hardware-version.ts";
import { cardsAmong } from "../settings/network-interfaces.ts";
import { WITH_DEVICES } from "../settings/setting.ts";
import { type ConfigWishes, HOST_SETTINGS } from "../settings/settings.ts";
import { setKeys } from "./device-keys.ts";
import { writeDevices } from "./write-devices.ts";
import type { DiskWork, NameDisk } from "./write-disk.ts";
import { applyToVmx } from "./write-vmx.ts";

interface SpecPlace {
  readonly vmxPath: string;
  readonly nvram: string;
  /** The virtual hardware if the specification names none. */
  readonly newestHardware: number;
  /** Names the files of new disks, in the order of the specification. */
  readonly nameDisk: NameDisk;
}

export interface WrittenSpec {
  readonly vmx: Vmx;
  /** The disks that must be made before the machine, and the device of each. */
  readonly work: readonly DiskWork[];
  readonly disks: readonly VirtualDevice[];
  /** Types of devices for which this package knows no .vmx keys. The machine does not get them. */
  readonly leftOut: readonly string[];
}

/**
 * The .vmx file of a machine that is described by a specification of the API. A host makes such a specification of an
 * OVF descriptor, and the program's own settings are in it.
 */
export function vmxOfSpec(
  spec: VirtualMachineConfigSpec,
  { vmxPath, nvram, newestHardware, nameDisk }: SpecPlace,
): WrittenSpec {
  const hardwareVersion = parseHardwareVersion(spec.version) || newestHardware;
  const vmx = newVmx({
    displayName: spec.name ?? "",
    nvram,
    hardwareVersion,
    guestOs: vmxGuestOs(spec.guestId ?? "otherGuest64"),
  });
  const changes = (spec.deviceChange ?? []).filter(({ operation }) => operation === "add");
  const devices = changes.map(({ device }) => device);
  applyToVmx(vmx, {
    ...wishesOfSpec(spec),
    networkInterfaces: adaptersOf(devices),
    extraConfig: Object.fromEntries((spec.extraConfig ?? []).map(({ key, value }) => [key, String(value)])),
  });
  const { driven, leftOut } = sorted(vmx, devices);
  const work = writeDevices(
    vmx,
    { vmxPath, devices: BLANK_VM.devices },
    changes.filter(({ device }) => driven.includes(device)),
    nameDisk,
  );
  const disks = changes.flatMap(({ device, fileOperation }) =>
    isA(device, "VirtualDisk") && fileOperation === "create" ? [device] : [],
  );
  return { vmx, work, disks, leftOut };
}

/** The settings in the specification, as wishes. */
function wishesOfSpec(spec: VirtualMachineConfigSpec): ConfigWishes {
  const { numCPUs, numCoresPerSocket, memoryMB, annotation, cpuHotAddEnabled, memoryHotAddEnabled } = spec;
  const config = {
    ...spec,
    hardware: {
      ...(numCPUs !== undefined && { numCPU: numCPUs }),
      ...(numCoresPerSocket !== undefined && { numCoresPerSocket }),
      ...(memoryMB !== undefined && { memoryMB }),
    },
  } as unknown as ObservedVm["config"];
  const vm: ObservedVm = {
    ...BLANK_VM,
    numCpus: numCPUs ?? BLANK_VM.numCpus,
    numCoresPerSocket: numCoresPerSocket ?? BLANK_VM.numCoresPerSocket,
    memory: Number(memoryMB ?? BLANK_VM.memory),
    annotation: annotation ?? "",
    cpuHotAddEnabled: cpuHotAddEnabled ?? false,
    memoryHotAddEnabled: memoryHotAddEnabled ?? false,
    config,
  };
  const said = Object.entries(HOST_SETTINGS).flatMap(([name, setting]): [string, unknown][] => {
    const { stage, copied } = setting;
    if (stage !== "configuration" || copied === WITH_DEVICES || name === "extraConfig") return [];
    const value = setting.observe(vm, {} as never);
    // The number of shares is only a setting if it is not 0. The API fills it in together with the level.
    const isSaid = name.endsWith("ShareCount") ? value !== 0 : saysSomething(copied(config as never));
    return isSaid ? [[name, value]] : [];
  });
  return Object.fromEntries(said) as ConfigWishes;
}

const saysSomething = (value: unknown): boolean =>
  value instanceof Object
    ? Object.entries(value).some(([key, each]) => key !== "$type" && saysSomething(each))
    : value !== undefined;

/** The adapters as wishes of the program. */
function adaptersOf(devices: readonly VirtualDevice[]) {
  const cards = cardsAmong(devices);
  return HOST_SETTINGS.networkInterfaces.observe({ ...BLANK_VM, devices }, []).map((adapter, index) => {
    const { addressType, macAddress } = cards[index] ?? {};
    const isGiven = /^manual$/i.test(addressType ?? "") && macAddress !== undefined && macAddress !== "";
    return { ...adapter, ...(isGiven && { macAddress }) };
  });
}

/** Writes the devices that are on no bus. Returns the others. */
function sorted(vmx: Vmx, devices: readonly VirtualDevice[]) {
  const leftOut: string[] = [];
  const known = controllersAmong(devices).map(({ key }) => key);
  const driven = devices.filter((device) => {
    if (isA(device, "VirtualEthernetCard")) return false;
    if (isA(device, "VirtualUSBXHCIController")) setKeys(vmx, "usb_xhci", { present: true });
    else if (isA(device, "VirtualUSBController")) {
      setKeys(vmx, "usb", { present: true });
      if (device.ehciEnabled) setKeys(vmx, "ehci", { present: true });
    } else if (isA(device, "VirtualMachineVideoCard")) {
      const { videoRamSizeInKB, numDisplays, useAutoDetect, graphicsMemorySizeInKB, enable3DSupport } =
        device;
      setKeys(vmx, "svga", {
        vramSize: videoRamSizeInKB === undefined ? undefined : String(Number(videoRamSizeInKB) * 1024),
        numDisplays: numDisplays === undefined ? undefined : String(numDisplays),
        graphicsMemoryKB: graphicsMemorySizeInKB === undefined ? undefined : String(graphicsMemorySizeInKB),
        autodetect: useAutoDetect,
      });
      if (enable3DSupport) setKeys(vmx, "mks", { enable3d: true });
    } else if (isA(device, "VirtualController")) return known.includes(device.key);
    else if (isA(device, "VirtualDisk") || isA(device, "VirtualCdrom")) return true;
    else if (isA(device, "VirtualFloppy") || isA(device, "VirtualSerialPort")) return true;
    else if (!isA(device, "VirtualMachineVMCIDevice")) leftOut.push(String(Reflect.get(device, "$type")));
    return false;
  });
  return { driven, leftOut: [...new Set(leftOut)] };
}
