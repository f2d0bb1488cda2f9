/** Hardware, boot and allocation settings where only the host's shell may change anything. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { examples, shown } from "../host/vm/settings/hardware-cases.ts";
import { completeHardware } from "../host/vm/settings/random-hardware.ts";
import { CloneLab } from "./clone-lab.ts";
import { failure, type Managed } from "./lab.ts";
import { editFiles } from "./raw-vmx.ts";

let clones: CloneLab;

beforeEach(async () => {
  clones = await CloneLab.open({ ssh: { listen: "127.0.0.1:0" } });
});

afterEach(async () => {
  await clones.lab.close();
});

const SSH = { transport: "ssh", memory: 256 };

/** All but the boot order, which EFI does not keep in the file. */
const { bootOrder: _, ...SETTINGS } = completeHardware({
  ...examples("never"),
  ...examples("always"),
  hardwareVersion: 21,
});

/** Fails unless the raw host has all of it, a refresh says so, and the same program changes nothing. */
async function expectShown(clone: Managed, settings: Readonly<Record<string, unknown>>): Promise<void> {
  const { config } = clones.lab.raw.vm("student");
  for (const [key, wanted] of Object.entries(settings)) {
    expect(shown(key)?.(config), key).toEqual(wanted);
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
    vbsEnabled: false,
    enableLogging: true,
    guestId: "otherLinux64Guest",
  };
  await expectShown(await clones.update(changed, { ...SSH, ...back }), back);
});

test("the boot order of a legacy BIOS is set, and taken back", async () => {
  await clones.golden();
  const clone = await clones.create("student", { ...SSH, bootOrder: ["ethernet", "disk"] });
  await expectShown(clone, { bootOrder: ["ethernet", "disk"] });
  await expectShown(await clones.update(clone, { ...SSH, bootOrder: [] }), { bootOrder: [] });
});

const REASON =
  "bootOrder cannot be set over SSH for a machine with EFI, which keeps its boot order in its NVRAM";

test("the boot order of EFI is refused in a preview, which names the reason", async () => {
  const settings = { ...SSH, firmware: "efi", bootOrder: ["disk"] };
  const { failures } = await clones.check("student", settings);
  expect(failures.map(({ property, reason }) => `${property} ${reason}`)).toEqual([
    expect.stringContaining(REASON),
  ]);
  expect((await clones.check("student", { ...settings, bootOrder: [] })).failures).toEqual([]);
  expect((await clones.check("student", { ...settings, firmware: "bios" })).failures).toEqual([]);
  expect((await clones.check("student", { ...settings, transport: "api" })).failures).toEqual([]);
});

test("the boot order of EFI that only the source has is refused before anything is made", async () => {
  await clones.golden({ firmware: "efi" });
  const before = await clones.lab.raw.contents();
  const refused = await failure(clones.create("student", { ...SSH, bootOrder: ["disk"] }));
  expect(refused.message).toContain(REASON);
  expect(await clones.lab.raw.contents()).toEqual(before);
});

test("what the shell cannot change is refused before a machine that runs is shut down", async () => {
  await clones.golden({ firmware: "efi" });
  const clone = await clones.create("student", SSH);
  const refused = await failure(clones.update(clone, { ...SSH, name: "other", bootOrder: ["disk"] }));
  expect(refused.message).toContain(REASON);
  expect((await clones.lab.raw.contents()).vms).toContain("student: poweredOn");
});

test("newer hardware comes with the PCI bridges that it needs", async () => {
  await clones.golden();
  const withoutBridges = (text: string) =>
    text.replace(/^pciBridge.*\n/gm, "").replace(/^virtualHW.version = .*/m, 'virtualHW.version = "13"');
  await editFiles(clones.lab.raw, "golden", { vmx: withoutBridges });
  await clones.lab.restart();
  const clone = await clones.create("student", SSH);
  const newer = await clones.update(clone, { ...SSH, hardwareVersion: 21 });
  expect(newer.outs).toMatchObject({ powerState: "poweredOn" });
  expect(clones.lab.raw.vm("student").config.version).toBe("vmx-21");
});
