/** How an update gets a VM from one state of power and hardware to another: with one power cycle, if it must be. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { UnfinishedError } from "../../../provider/resources/frame/unfinished-error.ts";
import { isA } from "../../../provider/vim/codec/objects.ts";
import { failure, Lab } from "./lab.ts";

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.open();
});

afterEach(() => lab.close());

/** Writes to a VM since the last look, in order. */
function writes(): string[] {
  const made = lab.raw.simulator.requests
    .entries()
    .map(({ method }) => method)
    .filter((method) => /^(Reconfig|Power|Shutdown|Reset|Suspend|Rename)/.test(method));
  lab.raw.simulator.requests.clear();
  return made;
}

/** A VM that runs, with VMware Tools up. */
async function running(settings: Readonly<Record<string, unknown>> = {}) {
  const vm = await lab.create({ memory: 64, ...settings, waitFor: { tools: true } });
  writes();
  return vm;
}

test("more memory costs one power cycle, the guest asked first", async () => {
  const vm = await running();
  const updated = await lab.update(vm, { memory: 128, numCpus: 2, annotation: "x" });
  expect(writes()).toEqual(["ShutdownGuest", "ReconfigVM_Task", "PowerOnVM_Task"]);
  expect(lab.raw.vm("vm")).toMatchObject({
    powerState: "poweredOn",
    config: { annotation: "x", hardware: { memoryMB: 128, numCPU: 2 } },
  });
  expect(updated.outs).toMatchObject({ memory: 128, numCpus: 2, powerState: "poweredOn" });
});

test("a guest without Tools is powered off hard", async () => {
  const { outs, id, inputs } = await lab.create({ memory: 64, ovfNetworkMap: { "VM Network": "lab-net" } });
  const { behindBack } = lab.raw.simulator;
  const { moid } = lab.raw.vm("vm");
  await behindBack.powerOff(moid);
  // Without a network adapter that is connected the simulated guest has no Tools.
  const nic = lab.raw.vm("vm").config.hardware.device?.find((device) => isA(device, "VirtualEthernetCard"));
  if (!nic) throw new Error("The VM has no network adapter.");
  await behindBack.reconfigure(moid, {
    deviceChange: [{ $type: "VirtualDeviceConfigSpec", operation: "remove", device: nic }],
  });
  await behindBack.powerOn(moid);
  writes();
  await lab.update({ outs, id, inputs }, { memory: 128, ovfNetworkMap: { "VM Network": "lab-net" } });
  expect(writes()).toEqual(["PowerOffVM_Task", "ReconfigVM_Task", "PowerOnVM_Task"]);
});

test("with shutdownSeconds 0 the VM is powered off at once", async () => {
  const vm = await running();
  await lab.update(vm, { memory: 128, timeouts: { shutdownSeconds: 0 } });
  expect(writes()).toEqual(["PowerOffVM_Task", "ReconfigVM_Task", "PowerOnVM_Task"]);
});

test("a guest that does not shut down in time is powered off hard", async () => {
  const slow = await Lab.open({ guestAddressDelayMs: 20 });
  try {
    const vm = await slow.create({ memory: 64, waitFor: { tools: true } });
    slow.raw.simulator.requests.clear();
    slow.raw.simulator.faults.add({ method: "ShutdownGuest", action: "hang" });
    const begun = performance.now();
    await slow.update(vm, { memory: 128, timeouts: { shutdownSeconds: 1 } });
    expect(performance.now() - begun).toBeLessThan(20_000);
    expect(slow.raw.count("PowerOffVM_Task")).toBe(1);
    expect(slow.raw.vm("vm").config.hardware.memoryMB).toBe(128);
  } finally {
    await slow.close();
  }
});

test("a VM that is off is changed and stays off", async () => {
  const vm = await lab.create({ memory: 64, powerOn: false });
  writes();
  await lab.update(vm, { memory: 128, powerOn: false });
  expect(writes()).toEqual(["ReconfigVM_Task"]);
});

test("a VM that is to be off is shut down once, and changed while it is off", async () => {
  const vm = await running();
  await lab.update(vm, { memory: 128, powerOn: false });
  expect(writes()).toEqual(["ShutdownGuest", "ReconfigVM_Task"]);
  expect(lab.raw.vm("vm")).toMatchObject({ powerState: "poweredOff" });
});

test("power on and off need nothing else", async () => {
  const vm = await running();
  const off = await lab.update(vm, { memory: 64, powerOn: false });
  expect(writes()).toEqual(["ShutdownGuest"]);
  expect(off.outs).toMatchObject({ powerOn: false, powerState: "poweredOff" });
  const on = await lab.update(off, { memory: 64 });
  expect(writes()).toEqual(["PowerOnVM_Task"]);
  expect(on.outs).toMatchObject({ powerOn: true, powerState: "poweredOn" });
});

test("where the host adds hot, more memory and CPUs need no power cycle", async () => {
  const vm = await lab.create({ memory: 64, powerOn: false });
  await lab.raw.simulator.behindBack.reconfigure(lab.raw.vm("vm").moid, {
    memoryHotAddEnabled: true,
    cpuHotAddEnabled: true,
  });
  const on = await lab.update(vm, { memory: 64 });
  writes();
  await lab.update(on, { memory: 128, numCpus: 2 });
  expect(writes()).toEqual(["ReconfigVM_Task"]);
  expect(lab.raw.vm("vm")).toMatchObject({
    powerState: "poweredOn",
    config: { hardware: { memoryMB: 128, numCPU: 2 } },
  });
});

test("less memory needs a power cycle even where the host adds hot", async () => {
  const vm = await lab.create({ memory: 128, powerOn: false });
  await lab.raw.simulator.behindBack.reconfigure(lab.raw.vm("vm").moid, { memoryHotAddEnabled: true });
  const on = await lab.update(vm, { memory: 128, waitFor: { tools: true } });
  writes();
  await lab.update(on, { memory: 64 });
  expect(writes()).toEqual(["ShutdownGuest", "ReconfigVM_Task", "PowerOnVM_Task"]);
});

test("without leave for a power cycle nothing is changed, and the error says what would", async () => {
  const vm = await running();
  const error = await failure(lab.update(vm, { memory: 128, annotation: "x", allowPowerCycle: false }));
  expect(error.message).toContain('"vm" must be powered off to change its memory');
  expect(error.message).toContain("allowPowerCycle");
  expect(writes()).toEqual([]);
  expect(lab.raw.vm("vm").config).toMatchObject({ hardware: { memoryMB: 64 } });
});

test("without leave for a power cycle, changes that need none are made", async () => {
  const vm = await running();
  await lab.update(vm, { memory: 64, annotation: "x", allowPowerCycle: false });
  expect(writes()).toEqual(["ReconfigVM_Task"]);
});

test("a suspended VM that is to run is resumed", async () => {
  const vm = await running();
  await lab.host.task(
    () =>
      lab.host.client.call({ type: "VirtualMachine", value: lab.raw.vm("vm").moid }, "SuspendVM_Task", {}),
    { signal: new AbortController().signal },
  );
  writes();
  const read = (await lab.read(vm)) ?? vm;
  expect(read.outs).toMatchObject({ powerState: "suspended", powerOn: false });
  await lab.update(read, { memory: 64 });
  expect(writes()).toEqual(["PowerOnVM_Task"]);
  expect(lab.raw.vm("vm").powerState).toBe("poweredOn");
});

test("a VM that somebody else powered on or off meanwhile is no error", async () => {
  const vm = await running();
  const { behindBack } = lab.raw.simulator;
  const { moid } = lab.raw.vm("vm");
  await behindBack.powerOff(moid);
  await lab.delete(vm);
  expect(await lab.raw.contents()).toMatchObject({ vms: [], files: [] });
});

test("powerOn once starts a machine when it is made, and no update starts or stops it from then on", async () => {
  const vm = await lab.create({ memory: 64, powerOn: "once" });
  expect(lab.raw.vm("vm").powerState).toBe("poweredOn");
  expect(vm.outs).toMatchObject({ powerOn: "once", powerState: "poweredOn" });
  const { moid } = lab.raw.vm("vm");
  await lab.raw.simulator.behindBack.powerOff(moid);
  const read = await lab.read(vm);
  expect(read?.outs).toMatchObject({ powerOn: "once", powerState: "poweredOff" });
  expect(await lab.diff(read ?? vm, { memory: 64, powerOn: "once" })).toMatchObject({ changes: false });
  writes();
  const updated = await lab.update(vm, { memory: 128, powerOn: "once" });
  expect(writes()).toEqual(["ReconfigVM_Task"]);
  await lab.raw.simulator.behindBack.powerOn(moid);
  writes();
  await lab.update(updated, { memory: 128, annotation: "x", powerOn: "once" });
  expect(writes()).toEqual(["ReconfigVM_Task"]);
  expect(lab.raw.vm("vm").powerState).toBe("poweredOn");
});

test("with powerOn once a power cycle that a change needs leaves a running machine running", async () => {
  const vm = await running({ powerOn: "once" });
  await lab.update(vm, { memory: 128, powerOn: "once" });
  // Before and after, it is written on the machine that a run has powered it off.
  expect(writes()).toEqual([
    "ReconfigVM_Task",
    "ShutdownGuest",
    "ReconfigVM_Task",
    "PowerOnVM_Task",
    "ReconfigVM_Task",
  ]);
  expect(lab.raw.vm("vm").powerState).toBe("poweredOn");
  expect(lab.extraConfig(lab.raw.vm("vm"), "pulumi-esxi-direct.power-cycle") ?? "").toBe("");
});

test.each(["ReconfigVM_Task", "PowerOnVM_Task"])(
  "with powerOn once a run that is killed at %s of a power cycle is made good by the next, which has an old state",
  async (method) => {
    const vm = await running({ powerOn: "once" });
    const { faults, behindBack } = lab.raw.simulator;
    const after = method === "ReconfigVM_Task" ? 1 : 0;
    faults.add({ method, after, count: 1, action: { taskFault: "GenericVmConfigFault" } });
    await failure(lab.update(vm, { memory: 128, powerOn: "once" }));
    expect(lab.raw.vm("vm").powerState).toBe("poweredOff");
    // A killed run tells nobody, so the state is the one from before.
    const updated = await lab.update(vm, { memory: 128, powerOn: "once" });
    expect(lab.raw.vm("vm")).toMatchObject({
      powerState: "poweredOn",
      config: { hardware: { memoryMB: 128 } },
    });
    // From then on its users decide again.
    await behindBack.powerOff(lab.raw.vm("vm").moid);
    await lab.update(updated, { memory: 64, powerOn: "once" });
    expect(lab.raw.vm("vm").powerState).toBe("poweredOff");
  },
);

test("with powerOn once a killed power cycle goes on where a refresh has seen the change before the next run", async () => {
  const vm = await running({ powerOn: "once" });
  const wanted = { memory: 128, powerOn: "once" };
  lab.raw.simulator.faults.add({
    method: "PowerOnVM_Task",
    count: 1,
    action: { taskFault: "GenericVmConfigFault" },
  });
  await failure(lab.update(vm, wanted));
  const read = (await lab.read(vm)) ?? vm;
  expect(read.outs).toMatchObject({ memory: 128, powerState: "poweredOff" });
  lab.said.length = 0;
  expect(await lab.diff(read, wanted)).toMatchObject({ changes: true, replaces: [] });
  expect(lab.texts("info")).toEqual(["go on with what an earlier run did not finish"]);
  const updated = await lab.update(read, wanted);
  expect(lab.raw.vm("vm").powerState).toBe("poweredOn");
  expect(await lab.diff((await lab.read(updated)) ?? updated, wanted)).toMatchObject({ changes: false });
});

test("with powerOn once an update that failed with the machine off ends with it running again", async () => {
  const vm = await running({ powerOn: "once" });
  const action = { taskFault: "GenericVmConfigFault" };
  lab.raw.simulator.faults.add({ method: "ReconfigVM_Task", after: 1, count: 1, action });
  const error = await failure(lab.update(vm, { memory: 128, powerOn: "once" }));
  const failed = { ...vm, outs: (error as UnfinishedError).properties };
  expect(lab.raw.vm("vm").powerState).toBe("poweredOff");
  await lab.update(failed, { memory: 128, powerOn: "once" });
  expect(lab.raw.vm("vm")).toMatchObject({
    powerState: "poweredOn",
    config: { hardware: { memoryMB: 128 } },
  });
});

test("a change to powerOn once does nothing on the host, whether the machine runs or not", async () => {
  for (const powerOn of [true, false]) {
    const vm = await lab.create({ name: `vm-${powerOn}`, powerOn });
    writes();
    const wanted = { name: `vm-${powerOn}`, powerOn: "once" };
    expect(await lab.diff(vm, wanted)).toMatchObject({ changes: true, replaces: [] });
    const { outs } = await lab.update(vm, wanted);
    expect(writes()).toEqual([]);
    expect(outs).toMatchObject({ powerOn: "once", powerState: powerOn ? "poweredOn" : "poweredOff" });
    expect(await lab.diff({ ...vm, outs }, wanted)).toMatchObject({ changes: false });
  }
});
