/** Hardware, boot and allocation settings where only the host's shell may change anything. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { CloneLab } from "./clone-lab.ts";
import { HARDWARE_SHOWN } from "./hardware-shown.ts";
import type { Managed } from "./lab.ts";

let clones: CloneLab;

beforeEach(async () => {
  clones = await CloneLab.open({ ssh: { listen: "127.0.0.1:0" } });
});

afterEach(async () => {
  await clones.lab.close();
});

const SSH = { transport: "ssh", memory: 256 };

const SETTINGS = {
  cpuHotAddEnabled: true,
  cpuHotRemoveEnabled: true,
  memoryHotAddEnabled: true,
  nestedHvEnabled: true,
  vvtdEnabled: true,
  vbsEnabled: true,
  firmware: "efi",
  efiSecureBootEnabled: true,
  guestId: "windows9Server64Guest",
  hardwareVersion: 21,
  videoMemory: 32,
  enableDiskUuid: true,
  enableLogging: false,
  cpuLimit: 3000,
  cpuReservation: 250,
  cpuShareLevel: "custom",
  cpuShareCount: 1500,
  memoryLimit: 512,
  memoryReservation: 64,
  memoryShareLevel: "high",
  bootDelay: 2000,
  bootRetryEnabled: true,
  bootRetryDelay: 20_000,
  bootOrder: ["ethernet", "disk"],
  syncTimeWithHost: true,
  toolsUpgradePolicy: "upgradeAtPowerCycle",
};

/** Fails unless the raw host has all of it, a refresh says so, and the same program changes nothing. */
async function expectShown(clone: Managed, settings: Readonly<Record<string, unknown>>): Promise<void> {
  const { config } = clones.lab.raw.vm("student");
  for (const [key, wanted] of Object.entries(settings)) {
    expect(HARDWARE_SHOWN[key as keyof typeof HARDWARE_SHOWN](config), key).toEqual(wanted);
  }
  const refreshed = (await clones.read(clone)) as Managed;
  expect(refreshed.outs).toMatchObject(settings);
  expect(await clones.diff(refreshed, { ...SSH, ...settings })).toMatchObject({ changes: false });
}

test("a clone has all of it from its first power-on, without one write through the API", async () => {
  await clones.golden();
  clones.lab.raw.simulator.requests.clear();
  const clone = await clones.create("student", { ...SSH, ...SETTINGS });
  await expectShown(clone, SETTINGS);
  for (const method of ["ReconfigVM_Task", "UpgradeVM_Task", "CreateVM_Task", "PowerOnVM_Task"])
    expect(clones.lab.raw.count(method), method).toBe(0);
});

test("a clone that is there gets all of it with one power cycle, and gives it back", async () => {
  await clones.golden();
  const clone = await clones.create("student", SSH);
  const changed = await clones.update(clone, { ...SSH, ...SETTINGS });
  await expectShown(changed, SETTINGS);
  expect(clones.lab.raw.vm("student").powerState).toBe("poweredOn");
  const { cpuShareCount: _, ...others } = SETTINGS;
  const back = {
    ...others,
    cpuLimit: -1,
    memoryLimit: -1,
    cpuShareLevel: "normal",
    bootOrder: [],
    vbsEnabled: false,
    enableLogging: true,
    guestId: "otherLinux64Guest",
  };
  await expectShown(await clones.update(changed, { ...SSH, ...back }), back);
});
