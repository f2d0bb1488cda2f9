import type { VirtualDevice, VirtualMachineBootOptionsBootableDevice } from "../../../../schema/index.ts";
import { create, isA } from "../../../vim/codec/objects.ts";
import { adaptersOf, disksOf, imagesOf } from "../../../vmx/devices.ts";
import type { Vmx } from "../../../vmx/vmx.ts";
import { type DeviceSetting, WITH_DEVICES } from "./setting.ts";

export const BOOT_DEVICES = ["disk", "cdrom", "ethernet", "floppy"] as const;
type BootDevice = (typeof BOOT_DEVICES)[number];

/**
 * Kinds of devices from which the firmware tries to boot, in order. For disks and network adapters, the machine's first
 * one is meant. An empty list leaves the order to the firmware. A kind that the machine does not have is left out until
 * it has one.
 */
export const bootOrder: DeviceSetting<readonly string[], "never"> = {
  stage: "devices",
  observe: ({ config, devices }) =>
    (config.bootOptions?.bootOrder ?? []).flatMap((entry) => nameOf(entry, devices) ?? []),
  spec: ({ config, devices }, wish) => {
    const order = wish.flatMap((kind) => entryFor(kind, devices) ?? []);
    if (order.length === 0 && !config.bootOptions?.bootOrder?.length) return {};
    // An empty list changes nothing on a host. Only an entry of the general type removes the order.
    return {
      bootOptions: {
        bootOrder: order.length > 0 ? order : [create("VirtualMachineBootOptionsBootableDevice", {})],
      },
    };
  },
  off: "never",
  vmx: writeOrder,
  copied: WITH_DEVICES,
};

/** The kind of the device. If it is not the first of its kind, its key is added. */
function nameOf(
  entry: VirtualMachineBootOptionsBootableDevice,
  devices: readonly VirtualDevice[],
): string | undefined {
  if (isA(entry, "VirtualMachineBootOptionsBootableDiskDevice"))
    return named("disk", entry.deviceKey, devices);
  if (isA(entry, "VirtualMachineBootOptionsBootableEthernetDevice"))
    return named("ethernet", entry.deviceKey, devices);
  if (isA(entry, "VirtualMachineBootOptionsBootableCdromDevice")) return "cdrom";
  if (isA(entry, "VirtualMachineBootOptionsBootableFloppyDevice")) return "floppy";
  return undefined;
}

function named(kind: "disk" | "ethernet", key: number, devices: readonly VirtualDevice[]): string {
  return first(kind, devices)?.key === key ? kind : `${kind} ${key}`;
}

function entryFor(
  kind: string,
  devices: readonly VirtualDevice[],
): VirtualMachineBootOptionsBootableDevice | undefined {
  const device = first(kind as BootDevice, devices);
  if (device === undefined) return undefined;
  const deviceKey = device.key;
  if (kind === "cdrom") return create("VirtualMachineBootOptionsBootableCdromDevice", {});
  if (kind === "floppy") return create("VirtualMachineBootOptionsBootableFloppyDevice", {});
  if (kind === "disk") return create("VirtualMachineBootOptionsBootableDiskDevice", { deviceKey });
  return create("VirtualMachineBootOptionsBootableEthernetDevice", { deviceKey });
}

const TYPES = {
  disk: "VirtualDisk",
  cdrom: "VirtualCdrom",
  ethernet: "VirtualEthernetCard",
  floppy: "VirtualFloppy",
} as const;

/** A device that is still to be added has no key yet, so the firmware's list cannot name it. */
const first = (kind: BootDevice, devices: readonly VirtualDevice[]): VirtualDevice | undefined =>
  devices.find((device) => device.key >= 0 && isA(device, TYPES[kind]));

/** A kind that the machine does not have is left out, as by the API. */
function writeOrder(vmx: Vmx, kinds: readonly string[]): void {
  const [disk] = disksOf(vmx)
    .map(({ device }) => device)
    .sort((a, b) => rank(a) - rank(b));
  const adapter = adaptersOf(vmx)[0];
  const images = imagesOf(vmx);
  const has = {
    disk: disk === undefined ? undefined : "hdd",
    cdrom: images.some(({ device }) => !device.startsWith("floppy")) || hasDrive(vmx) ? "cdrom" : undefined,
    ethernet: adapter === undefined ? undefined : `ethernet${adapter}`,
    floppy: vmx.isTrue("floppy0.present") ? "floppy" : undefined,
  };
  const order = kinds.flatMap((kind) => has[kind as keyof typeof has] ?? []);
  if (order.length > 0) vmx.set("bios.bootOrder", order.join(","));
  else vmx.delete("bios.bootOrder");
  if (disk !== undefined && order.includes("hdd")) vmx.set("bios.hddOrder", disk);
  else vmx.delete("bios.hddOrder");
}

/** Hosts list disks by their places. The order in the file does not matter. */
function rank(device: string): number {
  const [, bus = "", controller, unit] = /^([a-z]+)(\d+):(\d+)$/i.exec(device) ?? [];
  return (
    ["ide", "scsi", "sata", "nvme"].indexOf(bus.toLowerCase()) * 1e4 + Number(controller) * 100 + Number(unit)
  );
}

/** True if the machine has a CD drive of the host, or an empty one. */
const hasDrive = (vmx: Vmx) =>
  vmx.keys().some((key) => /\.devicetype$/i.test(key) && /cdrom/i.test(vmx.get(key) ?? ""));
