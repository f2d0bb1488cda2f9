/** What becomes of hardware, boot and allocation settings on the host, hot and cold, and after others' changes. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { UnfinishedError } from "../../../provider/resources/frame/unfinished-error.ts";
import { scratchVm } from "../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { examples, shown } from "../host/vm/settings/hardware-cases.ts";
import { completeHardware } from "../host/vm/settings/random-hardware.ts";
import { failure, type Managed } from "./lab.ts";
import { ResourceLab } from "./resource-lab.ts";

let vms: ResourceLab;

beforeEach(async () => {
  vms = await ResourceLab.of(scratchVm, "ScratchVm");
});

afterEach(async () => {
  await vms.lab.close();
});

const NIC = { network: "lab-net" };
const DISK = { label: "root", size: 1, controller: "pvscsi" };

/** One of everything that can be booted from. */
const BASE = { memory: 256, networkInterfaces: [NIC], disks: [DISK], cdroms: [{}], floppy: {} };

const POWER = ["PowerOnVM_Task", "PowerOffVM_Task", "ShutdownGuest"] as const;
const COUNTED = [...POWER, "ReconfigVM_Task", "UpgradeVM_Task"] as const;

/** What was called since the last time. */
function calls(): Record<string, number> {
  const { requests } = vms.lab.raw.simulator;
  const counted = COUNTED.map((method) => [method, requests.count(method)] as const);
  requests.clear();
  return Object.fromEntries(counted.filter(([, count]) => count > 0));
}

/** Fails unless the raw host has all of it, a refresh says so, and the same program changes nothing. */
async function expectShown(vm: Managed, settings: Readonly<Record<string, unknown>>): Promise<void> {
  const { config } = vms.lab.raw.vm(String(vm.inputs.name));
  for (const [key, wanted] of Object.entries(settings)) {
    const read = shown(key);
    if (read !== undefined) expect(read(config), key).toEqual(wanted);
  }
  const { name: _, ...program } = vm.inputs;
  const refreshed = (await vms.read(vm)) as Managed;
  expect(refreshed.outs).toMatchObject(settings);
  expect(await vms.diff(refreshed, program)).toMatchObject({ changes: false, replaces: [] });
}

/** Everything that changes while a machine runs. */
const HOT = completeHardware(examples("never"));

/** Everything that a machine must be off for; it may have no older hardware than it has. */
const { hardwareVersion: _, ...COLD } = examples("always");

describe("all of it", () => {
  test("is there before the machine is first powered on", async () => {
    const vm = await vms.create("vm", { ...BASE, ...HOT, ...COLD, hardwareVersion: 19 });
    const { requests } = vms.lab.raw.simulator;
    const order = requests.entries().flatMap(({ method }) => (/_Task$/.test(method) ? [method] : []));
    expect(order.indexOf("PowerOnVM_Task")).toBeGreaterThan(order.indexOf("CreateVM_Task"));
    // A boot order names devices by keys that only the host gives.
    expect(calls()).toEqual({ PowerOnVM_Task: 1, ReconfigVM_Task: 2 });
    await expectShown(vm, { ...HOT, ...COLD, hardwareVersion: 19 });
  });

  test("changes in one call while the machine runs, where a host allows it", async () => {
    const vm = await vms.create("vm", BASE);
    calls();
    expect((await vms.diff(vm, { ...BASE, ...HOT })).replaces).toEqual([]);
    expect(vms.lab.texts("info").at(-1)).toMatch(/^update in place: .*cpuLimit unset → 3000/);
    const changed = await vms.update(vm, { ...BASE, ...HOT });
    expect(calls()).toEqual({ ReconfigVM_Task: 1 });
    await expectShown(changed, HOT);
    const back = { ...HOT, cpuLimit: -1, cpuShareLevel: "normal", cpuShareCount: undefined, bootOrder: [] };
    const taken = await vms.update(changed, { ...BASE, ...back });
    expect(calls()).toEqual({ ReconfigVM_Task: 1 });
    expect(vms.lab.raw.vm("vm").config.cpuAllocation).toMatchObject({
      limit: -1,
      shares: { level: "normal", shares: 1000 },
    });
    expect(vms.lab.raw.vm("vm").config.bootOptions?.bootOrder).toBeUndefined();
    expect((await vms.read(taken))?.outs).toMatchObject({ cpuLimit: -1, bootOrder: [] });
  });

  test("takes one power cycle where not, whatever there is of it", async () => {
    const vm = await vms.create("vm", BASE);
    calls();
    await vms.diff(vm, { ...BASE, ...COLD, ...HOT });
    expect(vms.lab.texts("info").at(-2)).toMatch(/^update with one power cycle: .*firmware unset → efi/);
    const changed = await vms.update(vm, { ...BASE, ...COLD, ...HOT });
    expect(calls()).toMatchObject({ PowerOnVM_Task: 1, ReconfigVM_Task: 1 });
    expect(vms.lab.raw.vm("vm").powerState).toBe("poweredOn");
    await expectShown(changed, { ...COLD, ...HOT });
  });

  test("names what needs the power cycle that is not allowed, and leaves the machine running as it was", async () => {
    const vm = await vms.create("vm", BASE);
    const before = vms.lab.raw.vm("vm").config;
    calls();
    const update = vms.update(vm, { ...BASE, firmware: "efi", videoMemory: 8, allowPowerCycle: false });
    expect((await failure(update)).message).toMatch(
      /"vm" must be powered off to change its videoMemory, firmware|"vm" must be powered off to change its firmware, videoMemory/,
    );
    expect(calls()).toEqual({});
    expect(vms.lab.raw.vm("vm").config).toEqual(before);
  });

  test("that others changed shows in a refresh, in the program's words, and is set right again", async () => {
    const vm = await vms.create("vm", { ...BASE, ...HOT, ...COLD });
    const { behindBack } = vms.lab.raw.simulator;
    await behindBack.reconfigure(vms.lab.raw.vm("vm").moid, {
      cpuAllocation: { limit: 500, reservation: 0, shares: { level: "low", shares: 0 } },
      bootOptions: { bootDelay: 1, bootRetryDelay: 5000 },
      tools: { syncTimeWithHost: false },
    });
    const refreshed = (await vms.read(vm)) as Managed;
    const drift = {
      cpuLimit: 500,
      cpuReservation: 0,
      cpuShareLevel: "low",
      cpuShareCount: 0,
      bootDelay: 1,
      bootRetryDelay: 5000,
      syncTimeWithHost: false,
    };
    expect(refreshed.outs).toMatchObject({ ...HOT, ...COLD, ...drift });
    vms.lab.said.length = 0;
    expect((await vms.diff(refreshed, { ...BASE, ...HOT, ...COLD })).changes).toBe(true);
    expect(vms.lab.texts("info")).toEqual([
      expect.stringMatching(/^update in place: cpuLimit 500 → 3000, cpuReservation 0 → 250/),
    ]);
    calls();
    const right = await vms.update(refreshed, { ...BASE, ...HOT, ...COLD });
    expect(calls()).toEqual({ ReconfigVM_Task: 1 });
    await expectShown(right, { ...HOT, ...COLD });
  });

  test("that the program does not ask for is nobody's difference", async () => {
    const vm = await vms.create("vm", BASE);
    await vms.lab.raw.simulator.behindBack.reconfigure(vms.lab.raw.vm("vm").moid, {
      cpuAllocation: { limit: 500 },
      bootOptions: { bootDelay: 77 },
    });
    const refreshed = (await vms.read(vm)) as Managed;
    expect(refreshed.outs).not.toHaveProperty("cpuLimit");
    expect((await vms.diff(refreshed, BASE)).changes).toBe(false);
  });
});

describe("a boot order", () => {
  test("names devices that come in the same update by the keys that they get", async () => {
    const vm = await vms.create("vm", { memory: 64 });
    const settings = { memory: 64, networkInterfaces: [NIC], bootOrder: ["ethernet"] };
    const changed = await vms.update(vm, settings);
    await expectShown(changed, { bootOrder: ["ethernet"] });
  });

  test("follows an adapter that is replaced", async () => {
    const settings = { memory: 64, networkInterfaces: [NIC], bootOrder: ["ethernet"] };
    const vm = await vms.create("vm", settings);
    const networkInterfaces = [{ ...NIC, adapterType: "e1000" }];
    const changed = await vms.update(vm, { ...settings, networkInterfaces });
    await expectShown(changed, { bootOrder: ["ethernet"] });
  });

  test("of another disk shows as that disk", async () => {
    const disks = [DISK, { label: "data", size: 1, controller: "pvscsi" }];
    const vm = await vms.create("vm", { memory: 64, disks, bootOrder: ["disk"] });
    const bootOrder = [{ $type: "VirtualMachineBootOptionsBootableDiskDevice", deviceKey: 2001 }];
    await vms.lab.raw.simulator.behindBack.reconfigure(vms.lab.raw.vm("vm").moid, {
      bootOptions: { bootOrder },
    });
    const refreshed = (await vms.read(vm)) as Managed;
    expect(refreshed.outs.bootOrder).toEqual(["disk 2001"]);
    const program = { memory: 64, disks, bootOrder: ["disk"] };
    await expectShown(await vms.update(refreshed, program), { bootOrder: ["disk"] });
  });
});

describe("virtual hardware", () => {
  test("becomes newer with one power cycle", async () => {
    const vm = await vms.create("vm", { ...BASE, hardwareVersion: 17 });
    calls();
    const changed = await vms.update(vm, { ...BASE, hardwareVersion: 19, nestedHvEnabled: true });
    expect(calls()).toMatchObject({ UpgradeVM_Task: 1, ReconfigVM_Task: 1, PowerOnVM_Task: 1 });
    await expectShown(changed, { hardwareVersion: 19, nestedHvEnabled: true });
  });

  test("that the host does not run is refused before anything is made or powered off", async () => {
    await vms.lab.close();
    vms = await ResourceLab.of(scratchVm, "ScratchVm", { apiVersion: "7.0.3.0" });
    const refused =
      /for "vm", hardwareVersion 21 is newer than what the host runs: ESXi 7\.0\.3\.0 runs up to 19, 21 needs ESXi 8\.0\.2\. Nothing was changed/;
    expect((await failure(vms.create("vm", { hardwareVersion: 21 }))).message).toMatch(refused);
    expect((await vms.lab.raw.contents()).vms).toEqual([]);
    const vm = await vms.create("vm", { hardwareVersion: 19 });
    calls();
    expect((await failure(vms.update(vm, { hardwareVersion: 21 }))).message).toMatch(refused);
    expect(calls()).toEqual({});
  });

  test("never becomes older: a preview replaces the machine, and an update without one refuses", async () => {
    const vm = await vms.create("vm", { ...BASE, hardwareVersion: 19 });
    expect(await vms.diff(vm, { ...BASE, hardwareVersion: 17 })).toMatchObject({
      replaces: ["hardwareVersion"],
    });
    expect((await failure(vms.update(vm, { ...BASE, hardwareVersion: 17 }))).message).toMatch(
      /"vm" has virtual hardware 19, and a machine that exists cannot be given the older 17\. Nothing was changed/,
    );
    expect(vms.lab.raw.vm("vm").config.version).toBe("vmx-19");
  });
});

test("a reservation that the host cannot keep leaves a machine that the next run finishes", async () => {
  const memory = 4096 * 1024;
  const inputs = await vms.inputs("vm", { memory, memoryReservation: memory });
  const error = await failure(scratchVm.create(inputs, vms.lab.context()));
  expect(error).toBeInstanceOf(UnfinishedError);
  expect(error.message).toMatch(/memory/i);
  if (!(error instanceof UnfinishedError)) return;
  expect(vms.lab.raw.vm("vm").powerState).toBe("poweredOff");
  const begun = { id: error.id, outs: error.properties, inputs };
  const vm = await vms.update(begun, { memory: 256, memoryReservation: 128 });
  expect(vms.lab.raw.vm("vm").powerState).toBe("poweredOn");
  await expectShown(vm, { memoryReservation: 128 });
});

test("a guest without a driver for its disk is warned of at preview, and nothing reaches the host", async () => {
  const before = vms.lab.raw.count();
  const { failures } = await vms.check("vm", {
    guestId: "dosGuest",
    disks: [DISK],
    networkInterfaces: [NIC],
  });
  expect(failures).toEqual([]);
  expect(vms.lab.texts("warn")).toEqual([
    'networkInterfaces[0].adapterType: dosGuest has no driver for vmxnet3, and finds no network. Use "pcnet32" instead.',
    'disks[0].controller: dosGuest has no driver for pvscsi, and finds no disk there. Use "ide" instead.',
  ]);
  expect(vms.lab.raw.count()).toBe(before);
});
