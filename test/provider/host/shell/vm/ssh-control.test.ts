/** A power-on over SSH that the host says has failed, and a host that lets nobody in. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { POWER_ON } from "../../../../../provider/host/shell/vm/ssh-control.ts";
import type { SimulatorOptions } from "../../../../../simulator/index.ts";
import { failure, Lab } from "../../../resources/lab.ts";

const usual = { ...POWER_ON };
let lab: Lab;

beforeEach(() => void Object.assign(POWER_ON, { pauseMs: 1 }));

afterEach(async () => {
  Object.assign(POWER_ON, usual);
  await lab.close();
});

async function open(options: Partial<SimulatorOptions> = {}): Promise<void> {
  lab = await Lab.open({ license: "free", ssh: { listen: "127.0.0.1:0" }, ...options });
}

const count = (text: string) =>
  lab.raw.simulator.requests.entries().filter(({ target }) => target.includes(text)).length;
const FAILED = { status: 0, stdout: "Powering on VM:\nPower on failed\n" } as const;
const failing = (times?: number, work?: () => Promise<void>) =>
  lab.raw.simulator.faults.add({
    method: "ssh.exec",
    entity: "power.on",
    ...(times !== undefined && { count: times }),
    ...(work && { onWork: async (moment) => void (moment === "before" && (await work())) }),
    action: FAILED,
  });

test("the first power-on of a machine that was just registered may fail, and is tried again", async () => {
  await open({ behaviour: { firstPowerOn: "fails" } });
  await lab.create();
  expect((await lab.raw.contents()).vms).toEqual(["vm: poweredOn"]);
  expect(count("power.on")).toBe(2);
});

test("one that always fails ends after some tries, which the error counts, and nothing runs", async () => {
  await open();
  failing();
  const { message } = await failure(lab.create());
  expect(message).toMatch(
    /Power on failed\. It was tried 4 times.*vmware\.log beside \[datastore1\] vm\/vm\.vmx/,
  );
  expect(count("power.on")).toBe(4);
  expect((await lab.raw.contents()).vms).toEqual(["vm: poweredOff"]);
});

test("one of which the host says that it failed, while the machine runs, is not tried again", async () => {
  await open();
  failing(1, () => lab.raw.simulator.behindBack.powerOn(lab.raw.vm("vm").moid));
  await lab.create();
  expect((await lab.raw.contents()).vms).toEqual(["vm: poweredOn"]);
  expect(count("power.on")).toBe(1);
});

test("a fault that names its reason is told at once", async () => {
  await open();
  const stdout = 'Powering on VM:\nPower on failed\n(vim.fault.NoDiskSpace) {\n   msg = "No space left"\n}\n';
  lab.raw.simulator.faults.add({
    method: "ssh.exec",
    entity: "power.on",
    action: { status: 0, stdout },
  });
  expect((await failure(lab.create())).message).toMatch(/No space left/);
  expect(count("power.on")).toBe(1);
});

test("a host whose agent refuses a login is not asked again, so that no account is locked", async () => {
  await open();
  const stderr = "Failed to login: Cannot complete login due to an incorrect user name or password.\n";
  lab.raw.simulator.faults.add({
    method: "ssh.exec",
    entity: "power.on",
    action: { status: 1, stderr },
  });
  expect((await failure(lab.create())).message).toMatch(/incorrect user name or password/);
  expect(count("power.on")).toBe(1);
});

test("a wrong password of SSH is tried once by many resources at once, and the account is not locked", async () => {
  await open();
  const wrong = lab.connect({
    ssh: { ...lab.host.sshSettings, password: "wrong" } as NonNullable<typeof lab.host.sshSettings>,
  });
  const names = ["a", "b", "c", "d", "e", "f", "g"];
  const runs = names.map((name) => failure(lab.create({ name }, lab.context(undefined, wrong))));
  for (const { message } of await Promise.all(runs)) expect(message).toMatch(/five failures lock an account/);
  await lab.create({ powerOn: false });
  expect((await lab.raw.contents()).vms).toEqual(["vm: poweredOff"]);
});
