import type { VirtualDevice, VirtualMachineVideoCard } from "../../../../schema/index.ts";
import { create, isA } from "../../../vim/codec/objects.ts";
import { addMissingBridges } from "../../../vmx/pci-bridges.ts";
import { vmxGuestOs } from "./guest-ids.ts";
import { formatHardwareVersion, parseHardwareVersion } from "./hardware-version.ts";
import {
  converted,
  type DeviceSetting,
  field,
  key,
  property,
  scalar,
  size,
  WITH_DEVICES,
} from "./setting.ts";

/** Key of a new video card for a machine that has none. New devices of other settings have other keys. */
const NEW_CARD_KEY = -500;

/** Memory of the video card, in MB. */
const videoMemory: DeviceSetting<number, "always"> = {
  stage: "devices",
  observe: ({ devices }) => (cardAmong(devices)?.videoRamSizeInKB ?? 0) / 1024,
  spec: ({ devices }, megabytes) => {
    const card = cardAmong(devices);
    // A card that adapts to the displays of the console's viewer would change the size again.
    const wanted = { videoRamSizeInKB: megabytes * 1024, useAutoDetect: false };
    const device = create(
      "VirtualMachineVideoCard",
      card ? { ...card, ...wanted } : { key: NEW_CARD_KEY, ...wanted },
    );
    return {
      deviceChange: [create("VirtualDeviceConfigSpec", { operation: card ? "edit" : "add", device })],
    };
  },
  off: "always",
  vmx: (vmx, megabytes) => {
    vmx.set("svga.vramSize", String(megabytes * 1024 * 1024));
    vmx.set("svga.autodetect", "FALSE");
  },
  copied: WITH_DEVICES,
};

const cardAmong = (devices: readonly VirtualDevice[]): VirtualMachineVideoCard | undefined =>
  devices.find((device) => isA(device, "VirtualMachineVideoCard"));

/**
 * The size and kind of a machine, without its devices: how a host describes a value, takes it, and writes it into a
 * `.vmx` file.
 */
export const hardware = {
  numCpus: scalar(size("numCPU", "numCPUs"), {
    usual: 1,
    observe: (vm) => vm.numCpus,
    off: { hotAdd: "cpuHotAddEnabled" },
    vmx: key("numvcpus"),
  }),
  numCoresPerSocket: scalar(size("numCoresPerSocket", "numCoresPerSocket"), {
    usual: 1,
    observe: (vm) => vm.numCoresPerSocket,
    off: "always",
    vmx: key("cpuid.coresPerSocket"),
  }),
  /** In MB. */
  memory: scalar(size("memoryMB", "memoryMB"), {
    usual: 0,
    observe: (vm) => vm.memory,
    off: { hotAdd: "memoryHotAddEnabled" },
    vmx: key("memSize"),
  }),
  annotation: scalar(property("annotation"), {
    usual: "",
    observe: (vm) => vm.annotation,
    off: "never",
    vmx: key("annotation"),
  }),
  cpuHotAddEnabled: scalar(property("cpuHotAddEnabled"), {
    usual: false,
    observe: (vm) => vm.cpuHotAddEnabled,
    off: "always",
    vmx: key("vcpu.hotadd"),
  }),
  cpuHotRemoveEnabled: scalar(property("cpuHotRemoveEnabled"), {
    usual: false,
    off: "always",
    vmx: key("vcpu.hotremove"),
  }),
  memoryHotAddEnabled: scalar(property("memoryHotAddEnabled"), {
    usual: false,
    observe: (vm) => vm.memoryHotAddEnabled,
    off: "always",
    vmx: key("mem.hotadd"),
  }),
  nestedHvEnabled: scalar(property("nestedHVEnabled"), {
    usual: false,
    off: "always",
    vmx: key("vhv.enable"),
  }),
  guestId: scalar(property("guestId"), {
    usual: "",
    off: "always",
    vmx: (vmx, guestId) => vmx.set("guestOS", vmxGuestOs(guestId)),
  }),
  /** An existing machine can only get a newer version. */
  hardwareVersion: converted(property("version"), {
    toValue: parseHardwareVersion,
    toRaw: formatHardwareVersion,
    off: "always",
    vmx: (vmx, version) => {
      vmx.set("virtualHW.version", String(version));
      addMissingBridges(vmx);
    },
  }),
  enableDiskUuid: scalar(field("flags", "diskUuidEnabled"), {
    usual: false,
    off: "always",
    vmx: key("disk.EnableUUID"),
  }),
  enableLogging: scalar(field("flags", "enableLogging"), {
    usual: true,
    off: "always",
    vmx: key("logging"),
  }),
  syncTimeWithHost: scalar(field("tools", "syncTimeWithHost"), {
    usual: false,
    off: "never",
    vmx: key("tools.syncTime"),
  }),
  toolsUpgradePolicy: converted(field("tools", "toolsUpgradePolicy"), {
    toValue: (raw) => (raw === "upgradeAtPowerCycle" ? "upgradeAtPowerCycle" : "manual"),
    toRaw: (policy: "manual" | "upgradeAtPowerCycle") => policy,
    off: "never",
    vmx: key("tools.upgrade.policy"),
  }),
  vvtdEnabled: scalar(field("flags", "vvtdEnabled"), {
    usual: false,
    off: "always",
    vmx: key("vvtd.enable"),
  }),
  vbsEnabled: scalar(field("flags", "vbsEnabled"), {
    usual: false,
    off: "always",
    vmx: key("windows.vbs.enabled"),
  }),
  videoMemory,
};
