import { expect, it } from "vitest";
import { createVm, restart, startLab } from "../../host/lab.ts";
import { allTexts, firstText, type RawClient } from "../../host/raw-client.ts";
import { power } from "../device/device-spec.ts";

const MANAGER = "HostAutoStartManager:ha-autostart-mgr";
const ENABLED = "<defaults><enabled>true</enabled></defaults>";

function entry(
  vm: string,
  order: number,
  startAction = "powerOn",
  stopAction = "systemDefault",
  startDelay = -1,
): string {
  return (
    `<powerInfo><key type="VirtualMachine">${vm.split(":")[1]}</key><startOrder>${order}</startOrder>` +
    `<startDelay>${startDelay}</startDelay><waitForHeartbeat>systemDefault</waitForHeartbeat>` +
    `<startAction>${startAction}</startAction><stopDelay>-1</stopDelay><stopAction>${stopAction}</stopAction></powerInfo>`
  );
}

const set = (client: RawClient, inner: string) =>
  client.call("ReconfigureAutostart", MANAGER, `<spec>${inner}</spec>`);
const config = (client: RawClient): Promise<string> => client.read(MANAGER, "config");
const moids = (...vms: string[]): string[] => vms.map((vm) => vm.split(":")[1] ?? "");

it("starts nothing on a host that nobody configured", async () => {
  const { simulator, client } = await startLab();
  const vm = await createVm(client, "a");
  const text = await config(client);
  expect(firstText(text, "enabled")).toBe("false");
  expect(firstText(text, "startDelay")).toBe("120");
  expect(text).not.toContain("powerInfo");
  await set(client, entry(vm, 1));
  expect(await simulator.behindBack.reboot()).toEqual([]);
});

it("starts the VMs of the list in its order when the host boots, those without a number last", async () => {
  const { simulator, client } = await startLab();
  const [a, b, c, d] = [
    await createVm(client, "a"),
    await createVm(client, "b"),
    await createVm(client, "c"),
    await createVm(client, "d"),
  ];
  await power(client, d, "On");
  await set(client, ENABLED + entry(a, -1) + entry(b, 1) + entry(c, 1) + entry(d, -1, "none"));
  expect(await simulator.behindBack.reboot()).toEqual(moids(c, b, a));
  expect(simulator.vms().map(({ powerState }) => powerState)).toEqual([
    "poweredOn",
    "poweredOn",
    "poweredOn",
    "poweredOff",
  ]);
  expect(simulator.sessions()).toEqual([]);
});

it("goes on when a VM cannot start", async () => {
  const { simulator, client } = await startLab();
  const odd = await createVm(client, "odd", { memoryMB: 66 });
  const good = await createVm(client, "good");
  await set(client, ENABLED + entry(odd, 1) + entry(good, 2));
  expect(await simulator.behindBack.reboot()).toEqual(moids(good));
});

it("stops VMs as their entries say", async () => {
  const { simulator, client } = await startLab();
  const [off, asleep, left] = [
    await createVm(client, "off"),
    await createVm(client, "asleep"),
    await createVm(client, "left"),
  ];
  for (const vm of [off, asleep, left]) await power(client, vm, "On");
  await set(
    client,
    ENABLED + entry(off, 1) + entry(asleep, 2, "powerOn", "suspend") + entry(left, 3, "powerOn", "none"),
  );
  await client.ok("AutoStartPowerOff", MANAGER);
  const states = () => simulator.vms().map(({ powerState }) => powerState);
  expect(states()).toEqual(["poweredOff", "suspended", "poweredOn"]);
  await client.ok("AutoStartPowerOn", MANAGER);
  expect(states()).toEqual(["poweredOn", "poweredOn", "poweredOn"]);
});

it("refuses what is no entry, and keeps what it had", async () => {
  const { client } = await startLab();
  const vm = await createVm(client, "a");
  await set(client, ENABLED + entry(vm, 1));
  const before = await config(client);
  for (const wrong of [
    entry(vm, 0),
    entry(vm, -2),
    entry(vm, 2),
    entry(vm, 1, "none"),
    entry(vm, 1, "start"),
    entry(vm, 1, "powerOn", "explode"),
    entry(vm, 1, "powerOn", "none", -2),
    "<defaults><startDelay>-1</startDelay></defaults>",
  ])
    expect((await set(client, wrong)).fault).toBe("InvalidArgument");
  expect((await set(client, entry(vm, 1) + entry("VirtualMachine:99", 1))).fault).toBe(
    "ManagedObjectNotFound",
  );
  expect(await config(client)).toBe(before);
});

it("gives a number that is taken to who asks for it, and moves the others up", async () => {
  const { simulator, client } = await startLab();
  const vms = [
    await createVm(client, "a"),
    await createVm(client, "b"),
    await createVm(client, "c"),
    await createVm(client, "d"),
  ] as const;
  const [a, b, c, d] = vms;
  await set(client, ENABLED + entry(a, 1) + entry(b, 2) + entry(c, 3) + entry(d, 2));
  const text = await config(client);
  const orders = allTexts(text, "key").map((key, index) => [key, allTexts(text, "startOrder")[index]]);
  expect(Object.fromEntries(orders)).toEqual(
    Object.fromEntries(moids(a, d, b, c).map((key, index) => [key, String(index + 1)])),
  );
  expect((await set(client, entry(a, 5))).fault).toBe("InvalidArgument");
  // Who leaves the sequence leaves a gap, and the number counts as the machines are.
  await set(client, entry(a, -1, "none"));
  expect((await set(client, entry(b, 4))).fault).toBe("InvalidArgument");
  expect(await simulator.behindBack.reboot()).toEqual(moids(d, b, c));
});

it("of a host that counts only its members takes a newcomer at the end in two steps", async () => {
  const { simulator, client } = await startLab({ behaviour: { startOrderCounts: "members" } });
  const [a, b] = [await createVm(client, "a"), await createVm(client, "b")];
  await set(client, ENABLED + entry(a, 1));
  expect((await set(client, entry(b, 2))).fault).toBe("InvalidArgument");
  await set(client, entry(b, -1));
  await set(client, entry(b, 2));
  expect(await simulator.behindBack.reboot()).toEqual(moids(a, b));
});

it("outlives the simulator's process, and loses VMs that are gone", async () => {
  const { host, client } = await startLab();
  const [a, b] = [await createVm(client, "a"), await createVm(client, "b")];
  await set(
    client,
    `<defaults><enabled>true</enabled><startDelay>5</startDelay></defaults>${entry(a, 1)}${entry(b, 2)}`,
  );
  const { simulator: second, client: again } = await restart(host);
  await again.task("Destroy_Task", a);
  const text = await config(again);
  expect(allTexts(text, "key")).toEqual(moids(b));
  expect(firstText(text, "startDelay")).toBe("5");
  expect(await second.behindBack.reboot()).toEqual(moids(b));
});
