import fc from "fast-check";
import { expect, test } from "vitest";
import type { VmWishes } from "../../../../../provider/host/vm/settings/settings.ts";
import { applyToVmx } from "../../../../../provider/host/vm/vmx/write-vmx.ts";
import { parseVmx } from "../../../../../provider/vmx/vmx.ts";
import { draws } from "../../../../support/draws.ts";
import { randomHardware } from "./random-hardware.ts";

const MACHINE = `.encoding = "UTF-8"
guestOS = "other-64"
scsi0:0.fileName = "vm.vmdk"
scsi0:0.present = "TRUE"
sata0:0.deviceType = "cdrom-image"
sata0:0.fileName = "/vmfs/volumes/datastore1/boot.iso"
sata0:0.present = "TRUE"
ethernet1.present = "TRUE"
floppy0.present = "FALSE"
`;

function written(wishes: VmWishes, text = MACHINE): Record<string, string> {
  const vmx = parseVmx(Buffer.from(text));
  applyToVmx(vmx, wishes);
  const before = new Set(parseVmx(Buffer.from(text)).keys());
  return Object.fromEntries(
    vmx
      .keys()
      .filter((key) => !before.has(key))
      .map((key) => [key, vmx.get(key) ?? ""]),
  );
}

test.each<[VmWishes, Record<string, string>]>([
  [
    { cpuHotAddEnabled: true, cpuHotRemoveEnabled: false },
    { "vcpu.hotadd": "TRUE", "vcpu.hotremove": "FALSE" },
  ],
  [
    { memoryHotAddEnabled: true, nestedHvEnabled: true },
    { "mem.hotadd": "TRUE", "vhv.enable": "TRUE" },
  ],
  [
    { vvtdEnabled: true, vbsEnabled: true },
    { "vvtd.enable": "TRUE", "windows.vbs.enabled": "TRUE" },
  ],
  [
    { firmware: "efi", efiSecureBootEnabled: true },
    { firmware: "efi", "uefi.secureBoot.enabled": "TRUE" },
  ],
  [{ bootDelay: 5000 }, { "bios.bootDelay": "5000" }],
  [
    { bootRetryEnabled: true, bootRetryDelay: 30_000 },
    { "bios.bootRetry.enabled": "TRUE", "bios.bootRetry.delay": "30" },
  ],
  [{ bootOrder: ["ethernet", "cdrom"] }, { "bios.bootOrder": "ethernet1,cdrom" }],
  [{ bootOrder: ["disk", "floppy"] }, { "bios.bootOrder": "hdd", "bios.hddOrder": "scsi0:0" }],
  [{ bootOrder: [] }, {}],
  [{ hardwareVersion: 18 }, { "virtualHW.version": "18" }],
  [
    { enableDiskUuid: true, enableLogging: false },
    { "disk.EnableUUID": "TRUE", logging: "FALSE" },
  ],
  [
    { syncTimeWithHost: true, toolsUpgradePolicy: "upgradeAtPowerCycle" },
    { "tools.syncTime": "TRUE", "tools.upgrade.policy": "upgradeAtPowerCycle" },
  ],
  [{ videoMemory: 16 }, { "svga.vramSize": "16777216", "svga.autodetect": "FALSE" }],
  [
    { cpuLimit: 2000, cpuReservation: 500, cpuShareLevel: "high" },
    {
      "sched.cpu.max": "2000",
      "sched.cpu.min": "500",
      "sched.cpu.shares": "high",
      "sched.cpu.units": "mhz",
    },
  ],
  [
    { memoryLimit: -1, memoryReservation: 64, memoryShareLevel: "custom", memoryShareCount: 777 },
    { "sched.mem.min": "64", "sched.mem.shares": "777" },
  ],
])("%j has its own keys in a .vmx file", (wishes, keys) => {
  expect(written(wishes)).toEqual(keys);
});

test("hardware from 19 on gets the PCI bridges without which it does not start", () => {
  expect(written({ hardwareVersion: 19 })).toMatchObject({
    "virtualHW.version": "19",
    "pciBridge0.present": "TRUE",
    "pciBridge4.virtualDev": "pcieRootPort",
  });
});

test("a limit is taken back, an order as well, and a guest has the file's name for it", () => {
  const limited = `${MACHINE}sched.mem.max = "512"\nbios.bootOrder = "hdd"\nbios.hddOrder = "scsi0:0"\n`;
  const vmx = parseVmx(Buffer.from(limited));
  applyToVmx(vmx, { memoryLimit: -1, bootOrder: [], guestId: "ubuntu64Guest" });
  expect([vmx.get("sched.mem.max"), vmx.get("bios.bootOrder"), vmx.get("bios.hddOrder")]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(vmx.get("guestOS")).toBe("ubuntu-64");
});

test("no setting is passed over", () => {
  const property = fc.property(randomHardware, (wishes) => {
    for (const [key, wish] of Object.entries(wishes)) {
      // The level comes with its count, and what is there by itself needs no word.
      if (wish === "custom" || wish === -1 || (Array.isArray(wish) && !wish.includes("disk"))) continue;
      if (wish === "otherGuest64") continue;
      const vmx = parseVmx(Buffer.from(MACHINE));
      applyToVmx(vmx, { [key]: wish });
      const changed = vmx.keys().filter((name) => vmx.get(name) !== parseVmx(Buffer.from(MACHINE)).get(name));
      expect(changed, `${key}: ${JSON.stringify(wish)}`).not.toEqual([]);
    }
  });
  fc.assert(property, draws(200));
});
