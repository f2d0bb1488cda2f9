import { setImmediate as nextTick } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { setAutoStart } from "../../../provider/host/auto-start.ts";
import { scratchVm } from "../../../provider/resources/scratch-vm.lifecycle.ts";
import type { Managed } from "./lab.ts";
import { ResourceLab } from "./resource-lab.ts";

let vms: ResourceLab;

beforeEach(async () => {
  vms = await ResourceLab.of(scratchVm, "ScratchVm");
});

afterEach(async () => {
  await vms.lab.close();
});

const SMALL = { memory: 64, powerOn: false };

/** Names of the machines that come up when the host does, in their order. */
async function namesAfterReboot(): Promise<string[]> {
  const started = await vms.lab.raw.simulator.behindBack.reboot();
  return started.map((moid) => vms.lab.raw.simulator.vms().find((vm) => vm.moid === moid)?.name ?? moid);
}

async function read(vm: Managed): Promise<Managed> {
  return (await vms.read(vm)) as Managed;
}

test("machines start with their host in the order that the program says", async () => {
  await vms.create("never", SMALL);
  await vms.create("second", { ...SMALL, autoStart: { order: 2 } });
  await vms.create("first", { ...SMALL, autoStart: { order: 1, startDelaySeconds: 5 } });
  expect(await namesAfterReboot()).toEqual(["first", "second"]);
});

test("many machines are put into the list by few calls, and the list that is off is switched on", async () => {
  const [first = "", ...others] = ["a", "b", "c", "d", "e", "f"];
  const made = await Promise.all([first, ...others].map((name) => vms.create(name, SMALL)));
  const { raw, host } = vms.lab;
  const put = (name: string) =>
    setAutoStart(host, { type: "VirtualMachine", value: raw.vm(name).moid }, { enabled: true });
  raw.simulator.faults.add({ method: "ReconfigureAutostart", delayMs: 1500, action: "continue", count: 1 });
  const putting = [put(first)];
  await expect.poll(() => raw.count("ReconfigureAutostart")).toBe(1);
  for (const name of others) {
    putting.push(put(name));
    await nextTick();
  }
  await Promise.all(putting);
  expect(raw.count("ReconfigureAutostart")).toBe(2);
  expect((await namesAfterReboot()).sort()).toEqual(made.map(({ outs }) => outs.name));
});

test("what the host has reads back equal, and the same program changes nothing", async () => {
  const settings = {
    ...SMALL,
    autoStart: {
      order: 1,
      startDelaySeconds: 30,
      waitForHeartbeat: true,
      stopDelaySeconds: 10,
      stopAction: "guestShutdown",
    },
  };
  const vm = await read(await vms.create("vm", settings));
  expect(vm.outs.autoStart).toEqual({ enabled: true, ...settings.autoStart });
  expect((await vms.diff(vm, settings)).changes).toBe(false);
  const calls = vms.lab.raw.count("ReconfigureAutostart");
  await vms.update(vm, { ...settings, annotation: "other" });
  expect(vms.lab.raw.count("ReconfigureAutostart")).toBe(calls);
});

test("a machine that the program takes out does not start any more", async () => {
  const vm = await vms.create("vm", { ...SMALL, autoStart: { order: 1 } });
  await vms.update(vm, { ...SMALL, autoStart: { enabled: false } });
  expect(await namesAfterReboot()).toEqual([]);
});

test("what somebody else has changed shows at the next refresh, and is set right", async () => {
  const settings = { ...SMALL, autoStart: { startDelaySeconds: 30 } };
  const vm = await vms.create("vm", settings);
  await vms.update(vm, { ...SMALL, autoStart: { enabled: false } });
  await vms.lab.restart();
  const seen = await read(vm);
  expect(seen.outs.autoStart).toMatchObject({ enabled: false });
  expect((await vms.diff(seen, settings)).changes).toBe(true);
  await vms.update(seen, settings);
  expect(await namesAfterReboot()).toEqual(["vm"]);
});
