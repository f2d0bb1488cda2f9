import { adaptersOf, disksOf, imagesOf } from "../../../vmx/devices.ts";
import { addMissingBridges } from "../../../vmx/pci-bridges.ts";
import type { Vmx } from "../../../vmx/vmx.ts";
import type { VmWishes } from "./facets.ts";
import { vmxGuestOs } from "./guest-ids.ts";

const SWITCHES = {
  cpuHotAddEnabled: "vcpu.hotadd",
  cpuHotRemoveEnabled: "vcpu.hotremove",
  memoryHotAddEnabled: "mem.hotadd",
  nestedHvEnabled: "vhv.enable",
  vvtdEnabled: "vvtd.enable",
  vbsEnabled: "windows.vbs.enabled",
  efiSecureBootEnabled: "uefi.secureBoot.enabled",
  bootRetryEnabled: "bios.bootRetry.enabled",
  enableDiskUuid: "disk.EnableUUID",
  enableLogging: "logging",
  syncTimeWithHost: "tools.syncTime",
} as const;

const VALUES = {
  bootDelay: "bios.bootDelay",
  firmware: "firmware",
  toolsUpgradePolicy: "tools.upgrade.policy",
  hardwareVersion: "virtualHW.version",
  cpuReservation: "sched.cpu.min",
  memoryReservation: "sched.mem.min",
} as const;

/** Writes hardware, boot and allocation into a .vmx file, where each has a key of its own. */
export function applyHardwareToVmx(vmx: Vmx, wishes: VmWishes): void {
  for (const [setting, key] of Object.entries(SWITCHES) as [keyof typeof SWITCHES, string][]) {
    const wish = wishes[setting];
    if (wish !== undefined) vmx.set(key, wish ? "TRUE" : "FALSE");
  }
  for (const [setting, key] of Object.entries(VALUES) as [keyof typeof VALUES, string][]) {
    const wish = wishes[setting];
    if (wish !== undefined) vmx.set(key, String(wish));
  }
  const { guestId, bootRetryDelay, videoMemory, bootOrder } = wishes;
  if (wishes.hardwareVersion !== undefined) addMissingBridges(vmx);
  if (guestId !== undefined) vmx.set("guestOS", vmxGuestOs(guestId));
  // In the file it counts seconds.
  if (bootRetryDelay !== undefined) vmx.set("bios.bootRetry.delay", String(bootRetryDelay / 1000));
  if (videoMemory !== undefined) {
    vmx.set("svga.vramSize", String(videoMemory * 1024 * 1024));
    vmx.set("svga.autodetect", "FALSE");
  }
  applyAllocation(vmx, "cpu", wishes.cpuLimit, wishes.cpuShareCount ?? wishes.cpuShareLevel);
  applyAllocation(vmx, "mem", wishes.memoryLimit, wishes.memoryShareCount ?? wishes.memoryShareLevel);
  if ([wishes.cpuLimit, wishes.cpuReservation].some((wish) => wish !== undefined))
    vmx.set("sched.cpu.units", "mhz");
  if (bootOrder !== undefined) applyBootOrder(vmx, bootOrder);
}

function applyAllocation(
  vmx: Vmx,
  resource: "cpu" | "mem",
  limit: number | undefined,
  shares: number | string | undefined,
): void {
  if (limit === -1) vmx.delete(`sched.${resource}.max`);
  else if (limit !== undefined) vmx.set(`sched.${resource}.max`, String(limit));
  // A level of its own comes with its count.
  if (shares !== undefined && shares !== "custom") vmx.set(`sched.${resource}.shares`, String(shares));
}

/** A kind that the machine does not have is left out, as by the API. */
function applyBootOrder(vmx: Vmx, kinds: readonly string[]): void {
  const disk = disksOf(vmx)[0]?.device;
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

/** A CD-ROM drive of the host, or none in it. */
const hasDrive = (vmx: Vmx) =>
  vmx.keys().some((key) => /\.devicetype$/i.test(key) && /cdrom/i.test(vmx.get(key) ?? ""));
