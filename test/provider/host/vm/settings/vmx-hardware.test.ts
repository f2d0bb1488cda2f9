import fc from "fast-check";
import { expect, test } from "vitest";
import type { VmWishes } from "../../../../../provider/host/vm/settings/settings.ts";
import { applyToVmx } from "../../../../../provider/host/vm/vmx/write-vmx.ts";
import { parseVmx } from "../../../../../provider/vmx/vmx.ts";
import { draws } from "../../../../support/draws.ts";
import { HARDWARE_CASES } from "./hardware-cases.ts";
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
  const before = parseVmx(Buffer.from(text));
  return Object.fromEntries(
    vmx
      .keys()
      .filter((key) => vmx.get(key) !== before.get(key))
      .map((key) => [key, vmx.get(key) ?? ""]),
  );
}

test.each(Object.entries(HARDWARE_CASES))("%s has its own keys in a .vmx file", (name, { example, vmx }) => {
  expect(written({ [name]: example })).toEqual(vmx);
});

test.each<[VmWishes, Record<string, string>]>([
  [{ bootOrder: ["disk", "floppy"] }, { "bios.bootOrder": "hdd", "bios.hddOrder": "scsi0:0" }],
  [{ bootOrder: [] }, {}],
  [{ memoryLimit: -1, memoryShareLevel: "custom", memoryShareCount: 777 }, { "sched.mem.shares": "777" }],
  [
    { cpuHotRemoveEnabled: false, enableDiskUuid: false },
    { "vcpu.hotremove": "FALSE", "disk.EnableUUID": "FALSE" },
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
