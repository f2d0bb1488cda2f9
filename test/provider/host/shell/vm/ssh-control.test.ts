/** Machines that are powered on and off over SSH, the questions that they ask, and a host that lets nobody in. */
import { appendFile, writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { shellOf } from "../../../../../provider/host/shell/host-shell.ts";
import { POWER_ON, sshControl } from "../../../../../provider/host/shell/vm/ssh-control.ts";
import { observeAutoStart } from "../../../../../provider/host/vm/auto-start.ts";
import { disksAmong } from "../../../../../provider/host/vm/reading/disk-chain.ts";
import type { ObservedVm } from "../../../../../provider/host/vm/reading/observed-vm.ts";
import type { VmControl } from "../../../../../provider/host/vm/vm-control.ts";
import { scratchVm } from "../../../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { create } from "../../../../../provider/vim/codec/objects.ts";
import { retrieveOne } from "../../../../../provider/vim/reads/property-collector.ts";
import type { VirtualDeviceConfigSpec, VirtualMachineQuestionInfo } from "../../../../../schema/index.ts";
import type { FaultRule, SimulatorOptions } from "../../../../../simulator/index.ts";
import { failure, Lab } from "../../../resources/lab.ts";
import { ResourceLab } from "../../../resources/resource-lab.ts";
import { Stranger } from "../../../resources/stranger.ts";

const CTRL_C = new Error("^C");
const FAILED = "Powering on VM:\nPower on failed\n";
const never = new AbortController().signal;
const usual = { ...POWER_ON };

let lab: Lab;
let stranger: Stranger;
let control: VmControl;

beforeAll(async () => {
  lab = await Lab.open({ ssh: { listen: "127.0.0.1:0" } });
  stranger = new Stranger(lab);
  control = sshControl(lab.host, await shellOf(lab.host).open());
});

afterAll(() => lab.close());

beforeEach(async () => {
  Object.assign(POWER_ON, { pauseMs: 1 });
  await stranger.vm("vm");
  lab.raw.simulator.requests.clear();
});

afterEach(async () => {
  Object.assign(POWER_ON, usual);
  const { simulator } = lab.raw;
  simulator.faults.clear();
  for (const { moid } of simulator.vms()) await simulator.behindBack.destroy(moid);
});

const moid = () => lab.raw.vm("vm").moid;
const ref = () => ({ type: "VirtualMachine", value: moid() });
const state = () => lab.raw.vm("vm").powerState;
/** As the last read shows it, which serves until somebody says that it is old. */
const read = () => lab.host.vms.snapshot({ instanceUuid: lab.raw.vm("vm").instanceUuid });
const known = async () => (await read())?.powerState;

async function seen(): Promise<ObservedVm> {
  lab.host.vms.forget();
  const vm = await read();
  if (vm === undefined) throw new Error("The host has no such machine.");
  return vm;
}

const count = (text: string, of = lab) =>
  of.raw.simulator.requests.entries().filter(({ target }) => target.includes(text)).length;
const rule = (entity: string, more: Omit<FaultRule, "method" | "entity">, of = lab) =>
  of.raw.simulator.faults.add({ method: "ssh.exec", entity, ...more });
const failing = (more: Omit<FaultRule, "method" | "entity" | "action"> = {}, stdout = FAILED) =>
  rule("power.on", { ...more, action: { status: 0, stdout } });
const ahead = (work: () => unknown) => async (moment: string) => void (moment === "before" && (await work()));
const after = (work: () => unknown) => async (moment: string) => void (moment === "after" && (await work()));
const powerOn = async (signal = never) => control.powerOn(await seen(), "web", signal);

describe("a power-on", () => {
  test("is done once, and what was read before is forgotten", async () => {
    await powerOn();
    expect([state(), await known(), count("power.on"), count("vmsvc/message")]).toEqual([
      "poweredOn",
      "poweredOn",
      1,
      0,
    ]);
  });

  test("that always fails ends after some tries, which the error counts, and nothing runs", async () => {
    failing();
    expect((await failure(powerOn())).message).toMatch(
      /Power on failed\. It was tried 4 times.*vmware\.log beside \[datastore1\] vm\/vm\.vmx/,
    );
    expect([count("power.on"), state()]).toEqual([4, "poweredOff"]);
  });

  test("that fails some times is tried again", async () => {
    failing({ count: 3 });
    await powerOn();
    expect([count("power.on"), state()]).toEqual([4, "poweredOn"]);
  });

  test("of which the host says that it failed, while the machine runs, is not tried again", async () => {
    failing({ count: 1, onWork: ahead(() => lab.raw.simulator.behindBack.powerOn(moid())) });
    await powerOn();
    expect([state(), count("power.on")]).toEqual(["poweredOn", 1]);
  });

  test("of a machine that is gone meanwhile is not tried again", async () => {
    failing({ onWork: ahead(() => lab.raw.simulator.behindBack.destroy(moid())) });
    await failure(powerOn());
    expect([count("power.on"), lab.raw.simulator.vms()]).toEqual([1, []]);
  });

  test.each([
    [
      "a fault that names its reason",
      0,
      '(vim.fault.NoDiskSpace) {\n   msg = "No space left"\n}\n',
      /No space left/,
    ],
    [
      "what is no failure of the power-on alone",
      1,
      "Power on failed for two reasons\nFailed to say which\n",
      /Failed to say which/,
    ],
    // So that no account is locked.
    [
      "a refused login",
      1,
      "Failed to login: Cannot complete login due to an incorrect user name or password.\n",
      /incorrect user name/,
    ],
  ])("is not tried again after %s", async (_what, status, text, message) => {
    rule("power.on", {
      action: status === 0 ? { status, stdout: `${FAILED}${text}` } : { status, stderr: text },
    });
    expect((await failure(powerOn())).message).toMatch(message);
    expect([count("power.on"), state()]).toEqual([1, "poweredOff"]);
  });

  test("of which the answer was lost, though the machine runs, is told as that", async () => {
    rule("power.on", { count: 1, action: "loseReply" });
    expect((await failure(powerOn())).message).toMatch(/lost|closed|ended/);
    expect(state()).toBe("poweredOn");
  });

  test("ends with its run, whether the host works at it, or is about to be asked again", async () => {
    expect(await failure(powerOn(AbortSignal.abort(CTRL_C)))).toBe(CTRL_C);
    Object.assign(POWER_ON, { pauseMs: 60_000 });
    for (const action of ["hang", { status: 0, stdout: FAILED }] as const) {
      lab.raw.simulator.faults.clear();
      const stop = new AbortController();
      rule("power.on", { action, onWork: () => void setTimeout(() => stop.abort(CTRL_C), 20) });
      expect(await failure(powerOn(stop.signal))).toBe(CTRL_C);
    }
    expect(state()).toBe("poweredOff");
  });
});

describe("a machine that asks whether it was moved or copied", () => {
  beforeEach(async () => {
    const elsewhere = "56 4d 00 00 00 00 00 00-00 00 00 00 00 00 00 00";
    await appendFile(
      lab.raw.simulator.localFile("[datastore1] vm/vm.vmx"),
      `uuid.location = "${elsewhere}"\n`,
    );
    await lab.host.client.call(ref(), "Reload", {});
  });

  const question = async (): Promise<VirtualMachineQuestionInfo | undefined> =>
    (await retrieveOne(lab.host.client, ref(), "VirtualMachine", ["runtime.question"]))["runtime.question"];

  async function answer(answerChoice: string): Promise<void> {
    const asked = await question();
    if (asked === undefined) throw new Error("It does not ask.");
    await lab.host.client.call(ref(), "AnswerVM", { questionId: asked.id, answerChoice });
  }

  test("was copied, runs when the call has ended, and was powered on once", async () => {
    const { uuid } = lab.raw.vm("vm");
    await powerOn();
    expect([state(), await known(), count("power.on")]).toEqual(["poweredOn", "poweredOn", 1]);
    expect(lab.raw.vm("vm").uuid).not.toBe(uuid);
    expect(await question()).toBeUndefined();
  });

  test("and whom somebody has answered before us runs", async () => {
    rule("vmsvc/message", { action: "continue", count: 1, onWork: ahead(() => answer("1")) });
    await powerOn();
    expect([state(), count("vmsvc/message")]).toEqual(["poweredOn", 1]);
  });

  test("or something else is left with that question, which the error has", async () => {
    const text =
      "msg.hbacommon.outofspace:There is no more space.\n   0. Cancel (Cancel)\n   1. It was copied (Retry)";
    rule("vmsvc/message", { action: { status: 0, stdout: `Virtual machine message _vmx9:\n${text}\n` } });
    const { message } = await failure(powerOn());
    expect(message).toMatch(
      /^esxi1: "web" does not power on before somebody answers.*There is no more space\./,
    );
    expect([state(), count("vmsvc/message")]).toEqual(["poweredOff", 1]);
    expect((await question())?.text).toContain("moved or copied");
    await answer("0");
  });

  test("is left with it by a run that is to end", async () => {
    const stop = new AbortController();
    rule("vmsvc/message", { action: "continue", onWork: ahead(() => stop.abort(CTRL_C)) });
    expect(await failure(powerOn(stop.signal))).toBe(CTRL_C);
    expect(state()).toBe("poweredOff");
    await answer("0");
  });
});

describe("a power-off", () => {
  const powerOff = async (vm?: ObservedVm, signal = never) => control.powerOff(vm ?? (await seen()), signal);

  test("ends with a machine that is off, and what was read before is forgotten", async () => {
    await lab.raw.simulator.behindBack.powerOn(moid());
    await powerOff();
    expect([state(), await known()]).toEqual(["poweredOff", "poweredOff"]);
  });

  test("of a machine that is off already is done, and the failure of one that runs is told", async () => {
    await powerOff();
    await lab.raw.simulator.behindBack.powerOn(moid());
    const vm = await seen();
    await lab.raw.simulator.behindBack.powerOff(moid());
    await powerOff(vm);
    await lab.raw.simulator.behindBack.powerOn(moid());
    rule("power.off", { action: { status: 0, stdout: "Powering off VM:\nPower off failed\n" } });
    expect((await failure(powerOff())).message).toContain("Power off failed");
    expect(state()).toBe("poweredOn");
  });

  test("of a machine that is gone fails", async () => {
    const vm = await seen();
    await lab.raw.simulator.behindBack.destroy(moid());
    expect((await failure(powerOff(vm))).message).toContain("power.off");
  });

  test("ends with its run, though the machine is off then", async () => {
    await lab.raw.simulator.behindBack.powerOn(moid());
    const stop = new AbortController();
    rule("power.off", { action: "continue", onWork: after(() => stop.abort(CTRL_C)) });
    expect(await failure(powerOff(undefined, stop.signal))).toBe(CTRL_C);
  });
});

describe("a shutdown", () => {
  /** A machine whose guest has Tools, because it has a network. */
  async function running(): Promise<ObservedVm> {
    const backing = create("VirtualEthernetCardNetworkBackingInfo", { deviceName: "VM Network" });
    const device = create("VirtualVmxnet3", {
      key: -1,
      backing,
      connectable: create("VirtualDeviceConnectInfo", {
        startConnected: true,
        allowGuestControl: true,
        connected: true,
      }),
    });
    const deviceChange: VirtualDeviceConfigSpec[] = [
      create("VirtualDeviceConfigSpec", { operation: "add", device }),
    ];
    await lab.raw.simulator.behindBack.reconfigure(moid(), { deviceChange });
    await lab.raw.simulator.behindBack.powerOn(moid());
    await expect.poll(async () => (await seen()).toolsRunning).toBe(true);
    return seen();
  }
  const asked = () => [count("power.shutdown"), count("power.off")];

  test("is the guest's own, and ends when the machine is off", async () => {
    const vm = await running();
    await control.shutDown(vm, 60, never);
    expect([state(), await known(), ...asked()]).toEqual(["poweredOff", "poweredOff", 1, 0]);
  });

  test("is no question of the guest if it has no Tools, or no time", async () => {
    const vm = await running();
    await control.shutDown(vm, 0, never);
    expect([state(), ...asked()]).toEqual(["poweredOff", 0, 1]);
    await lab.raw.simulator.behindBack.powerOn(moid());
    await control.shutDown({ ...vm, toolsRunning: false }, 60, never);
    expect([state(), ...asked()]).toEqual(["poweredOff", 0, 2]);
  });

  test("is a power-off in the end if the guest takes too long, or the host cannot ask it", async () => {
    const vm = await running();
    rule("power.shutdown", { count: 1, action: { status: 0, stdout: "" } });
    await control.shutDown(vm, 0.05, never);
    expect([state(), ...asked()]).toEqual(["poweredOff", 1, 1]);
    await lab.raw.simulator.behindBack.powerOn(moid());
    rule("power.shutdown", { count: 1, action: { status: 1, stderr: "not now\n" } });
    await control.shutDown(vm, 60, never);
    expect([state(), ...asked()]).toEqual(["poweredOff", 2, 2]);
  });

  test("powers nothing off if its run is to end, or nobody knows whether the guest was asked", async () => {
    const vm = await running();
    const stop = new AbortController();
    rule("power.shutdown", {
      count: 1,
      action: { status: 0, stdout: "" },
      onWork: () => void setTimeout(() => stop.abort(CTRL_C), 20),
    });
    expect(await failure(control.shutDown(vm, 60, stop.signal))).toBe(CTRL_C);
    rule("power.shutdown", { count: 1, action: "disconnect" });
    await failure(control.shutDown(vm, 60, never));
    expect([state(), count("power.off")]).toEqual(["poweredOn", 0]);
  });
});

test("the flag of a machine that is whole goes, and of one without a flag nothing goes", async () => {
  const mark = { schema: 1, urn: "u", digest: "d", phase: "creating", session: "s" } as const;
  const flag = "[datastore1] vm/pulumi-creating-0";
  await writeFile(lab.raw.simulator.localFile(flag), "s");
  const { files } = await lab.raw.contents();
  await control.markCreated(await seen(), mark, never);
  expect((await lab.raw.contents()).files).toEqual(files);
  await control.markCreated(await seen(), { ...mark, flag: "pulumi-creating-0" }, never);
  expect((await lab.raw.contents()).files).toEqual(files.filter((file) => file !== flag));
});

test("a name, a setting and a place among those that start with the host are changed by the shell alone", async () => {
  const vm = await seen();
  expect([control.changesOnlyWhileOff, control.isUnsettled?.(vm)]).toEqual([true, false]);
  await control.rename(vm, "a/b", never);
  lab.host.vms.forget();
  expect((await lab.host.vms.inventory()).vms.map(({ name }) => name)).toEqual(["a/b"]);
  await control.rename(vm, "vm", never);
  await control.reconfigure(await seen(), { memory: 128 }, never);
  expect(lab.raw.vm("vm").config.hardware.memoryMB).toBe(128);
  expect(() =>
    control.refuse?.({ ...vm, config: { ...vm.config, firmware: "efi" } }, { bootOrder: ["disk"] }),
  ).toThrow(/bootOrder/);
  await control.setAutoStart(await seen(), { enabled: true });
  expect(await observeAutoStart(lab.host, ref(), { enabled: true })).toMatchObject({ enabled: true });
  const writes = lab.raw.simulator.requests.entries().map(({ method }) => method);
  expect(writes.filter((method) => /^(Reconfig|Rename|PowerO)/.test(method))).toEqual([]);
});

test("a machine that runs can be changed only where the configuration allows it, and only as hosts can", async () => {
  const size = 8 / 1024;
  const wish = (more: number) => ({ disks: [{ label: "data", size: size + more }] });
  await ResourceLab.in(lab, scratchVm, "ScratchVm").create("web", wish(0));
  const hot = lab.connect({ transport: "ssh", sshHotChanges: true });
  const allowed = sshControl(hot, await shellOf(hot).open());
  const web = (await lab.host.vms.inventory()).vms.find(({ name }) => name === "web");
  if (web === undefined) throw new Error("It was not made.");
  expect([control.whileOn?.(web, wish(size)), allowed.whileOn?.(web, { memory: 128 })]).toEqual([
    undefined,
    undefined,
  ]);
  await allowed.whileOn?.(web, wish(size))?.(never);
  const [disk] = disksAmong(lab.raw.vm("web").config.hardware.device ?? []);
  expect([disk?.capacityInKB, lab.raw.vm("web").powerState]).toEqual([16 * 1024, "poweredOn"]);
});

test("a machine with its files is deleted, and another one stays", async () => {
  await stranger.vm("theirs");
  await control.destroy(await seen(), never);
  const { vms, files } = await lab.raw.contents();
  expect([vms, files.filter((file) => file.startsWith("[datastore1] vm/"))]).toEqual([
    ["theirs: poweredOff"],
    [],
  ]);
});

describe("a host on a free licence", () => {
  let free: Lab;

  async function open(options: Partial<SimulatorOptions> = {}): Promise<void> {
    free = await Lab.open({ license: "free", ssh: { listen: "127.0.0.1:0" }, ...options });
  }

  afterEach(() => free.close());

  test("may fail the first power-on of a machine that was just registered, and is asked again", async () => {
    await open({ behaviour: { firstPowerOn: "fails" } });
    await free.create();
    expect((await free.raw.contents()).vms).toEqual(["vm: poweredOn"]);
    expect(count("power.on", free)).toBe(2);
  });

  test("sees a wrong password of many resources at once one time, and locks no account", async () => {
    await open();
    const wrong = free.connect({
      ssh: { ...free.host.sshSettings, password: "wrong" } as NonNullable<typeof free.host.sshSettings>,
    });
    const names = ["a", "b", "c", "d", "e", "f", "g"];
    const runs = names.map((name) => failure(free.create({ name }, free.context(undefined, wrong))));
    for (const { message } of await Promise.all(runs))
      expect(message).toMatch(/five failures lock an account/);
    await free.create({ powerOn: false });
    expect((await free.raw.contents()).vms).toEqual(["vm: poweredOff"]);
  });
});
