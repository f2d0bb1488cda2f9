import fc from "fast-check";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { vmRules } from "../../../../../provider/resources/vm/life/vm-settings.ts";
import { draws } from "../../../../support/draws.ts";
import { HARDWARE_CASES } from "../../../host/vm/settings/hardware-cases.ts";
import { randomHardware } from "../../../host/vm/settings/random-hardware.ts";
import { Lab } from "../../lab.ts";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open();
});

afterEach(() => {
  expect(lab.raw.count()).toBe(0);
  lab.said.length = 0;
});

afterAll(() => lab.close());

const SIZES = { memory: 1024, numCpus: 2 };
const VERSIONS = "4, 7, 8, 9, 10, 11, 13, 14, 15, 17, 18, 19, 20, 21, 22";

test.each<[settings: object, property: string, reason: string]>([
  [{ cpuLimit: 0 }, "cpuLimit", "must be at least 1 MHz, or -1 for no limit: with 0 the VM could not run"],
  [{ cpuLimit: -2 }, "cpuLimit", "must be at least -1 MHz"],
  [{ cpuLimit: 10_000_001 }, "cpuLimit", "must be at most 10000000 MHz"],
  [{ cpuLimit: 1.5 }, "cpuLimit", "must be a whole number"],
  [{ cpuReservation: -1 }, "cpuReservation", "must be at least 0 MHz"],
  [{ cpuReservation: 600, cpuLimit: 500 }, "cpuReservation", "must not exceed cpuLimit, which is 500 MHz"],
  [
    { cpuShareLevel: "higher" },
    "cpuShareLevel",
    'must be one of low, normal, high, custom; did you mean "high"?',
  ],
  [{ cpuShareLevel: "custom" }, "cpuShareCount", 'is required with cpuShareLevel: "custom"'],
  [{ cpuShareCount: 5 }, "cpuShareCount", 'is only allowed with cpuShareLevel: "custom"'],
  [
    { cpuShareCount: 5, cpuShareLevel: "high" },
    "cpuShareCount",
    'is only allowed with cpuShareLevel: "custom"',
  ],
  [{ cpuShareCount: 0, cpuShareLevel: "custom" }, "cpuShareCount", "must be at least 1 shares"],
  [
    { memoryLimit: 0 },
    "memoryLimit",
    "must be at least 1 MB, or -1 for no limit: with 0 the VM could not run",
  ],
  [{ memoryLimit: "1 GB" }, "memoryLimit", "must be a number (MB), not a text"],
  [
    { memoryReservation: 600, memoryLimit: 500 },
    "memoryReservation",
    "must not exceed memoryLimit, which is 500 MB",
  ],
  [{ memoryReservation: 1025 }, "memoryReservation", "must not exceed memory, which is 1024 MB"],
  [{ memoryReservation: -1 }, "memoryReservation", "must be at least 0 MB"],
  [{ memoryLimit: 25_165_825 }, "memoryLimit", "must be at most 25165824 MB"],
  [{ memoryShareLevel: "custom" }, "memoryShareCount", 'is required with memoryShareLevel: "custom"'],
  [{ memoryShareCount: 5 }, "memoryShareCount", 'is only allowed with memoryShareLevel: "custom"'],
  [{ firmware: "uefi" }, "firmware", 'must be one of bios, efi; did you mean "efi"?'],
  [
    { efiSecureBootEnabled: true },
    "efiSecureBootEnabled",
    'needs firmware: "efi", because a BIOS has no secure boot',
  ],
  [
    { efiSecureBootEnabled: true, firmware: "bios" },
    "efiSecureBootEnabled",
    'needs firmware: "efi", because a BIOS has no secure boot',
  ],
  [{ bootDelay: -1 }, "bootDelay", "must be at least 0 ms"],
  [{ bootDelay: 10_000_001 }, "bootDelay", "must be at most 10000000 ms"],
  [{ bootRetryEnabled: "yes" }, "bootRetryEnabled", "must be true or false, not a text"],
  [
    { bootRetryDelay: 1500 },
    "bootRetryDelay",
    "must be a multiple of 1000 ms: the host stores whole seconds",
  ],
  [{ bootRetryDelay: 0 }, "bootRetryDelay", "must be at least 1000 ms"],
  [{ bootOrder: "disk" }, "bootOrder", 'must be a list, such as ["disk"], not a text'],
  [{ bootOrder: ["usb"] }, "bootOrder.0", "must be one of disk, cdrom, ethernet, floppy"],
  [{ bootOrder: ["disk", "disk"] }, "bootOrder", "must name each kind of device once"],
  [{ guestId: "ubuntu64" }, "guestId", 'is no guest that vSphere knows; did you mean "ubuntu64Guest"?'],
  [
    { guestId: "windows9srv-64" },
    "guestId",
    'is no guest that vSphere knows; did you mean "windows9Server64Guest"?',
  ],
  [
    { guestId: "my own system" },
    "guestId",
    'is no guest that vSphere knows. For all others use "otherLinux64Guest" or "otherGuest64"',
  ],
  [{ guestId: 64 }, "guestId", "must be a text, not a number: put it in quotes"],
  [{ hardwareVersion: 16 }, "hardwareVersion", `must be a version that ESXi runs: ${VERSIONS}`],
  [{ hardwareVersion: 23 }, "hardwareVersion", `must be a version that ESXi runs: ${VERSIONS}`],
  [{ hardwareVersion: "vmx-19" }, "hardwareVersion", "must be a number, such as 19, not a text"],
  [
    { hardwareVersion: 11, firmware: "efi", efiSecureBootEnabled: true },
    "efiSecureBootEnabled",
    "needs hardwareVersion 13 or newer, and here it is 11",
  ],
  [
    { hardwareVersion: 8, nestedHvEnabled: true },
    "nestedHvEnabled",
    "needs hardwareVersion 9 or newer, and here it is 8",
  ],
  [
    { vbsEnabled: true, firmware: "efi", nestedHvEnabled: true },
    "vbsEnabled",
    "needs efiSecureBootEnabled: true, vvtdEnabled: true as well",
  ],
  [{ videoMemory: 1 }, "videoMemory", "must be at least 2 MB"],
  [{ videoMemory: 512 }, "videoMemory", "must be at most 256 MB"],
  [{ toolsUpgradePolicy: "always" }, "toolsUpgradePolicy", "must be one of manual, upgradeAtPowerCycle"],
  ...Object.entries(HARDWARE_CASES)
    .filter(([, { example }]) => typeof example === "boolean")
    .map(([key]): [object, string, string] => [{ [key]: 1 }, key, "must be true or false, not a number"]),
])("%j: %s %s", async (settings, property, reason) => {
  const { failures } = await lab.check({ ...SIZES, ...settings });
  expect(failures).toEqual([{ property, reason }]);
});

test("settings that go together pass, and so does what is not known yet", async () => {
  const property = fc.asyncProperty(randomHardware, async (wishes) => {
    expect((await lab.check({ ...SIZES, ...wishes })).failures).toEqual([]);
  });
  await fc.assert(property, draws(100));
  const unknown = { cpuShareLevel: UNKNOWN, cpuShareCount: 5, firmware: UNKNOWN, efiSecureBootEnabled: true };
  expect((await lab.check({ ...unknown, hardwareVersion: UNKNOWN, guestId: UNKNOWN })).failures).toEqual([]);
  expect(vmRules({ vbsEnabled: true, firmware: UNKNOWN, efiSecureBootEnabled: true })).toEqual([
    { property: "vbsEnabled", reason: "needs nestedHvEnabled: true, vvtdEnabled: true as well" },
  ]);
});

test("hardware that the guest has no driver for is a warning that says where, and what to use", async () => {
  const networkInterfaces = [{ network: "lab-net", adapterType: "vmxnet3" }, { network: "lab-net" }];
  const { failures } = await lab.check({ guestId: "dosGuest", networkInterfaces });
  expect(failures).toEqual([]);
  expect(lab.texts("warn")).toEqual([
    "networkInterfaces[0].adapterType: dosGuest has no driver for vmxnet3, and finds no network. " +
      'Use "pcnet32" instead.',
  ]);
});
