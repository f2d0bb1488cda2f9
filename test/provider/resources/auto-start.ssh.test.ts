import { afterEach, beforeEach, expect, test } from "vitest";
import { type AutoStartWish, observeAutoStart, setAutoStart } from "../../../provider/host/vm/auto-start.ts";
import type { ManagedObjectReference } from "../../../schema/index.ts";
import { Lab } from "./lab.ts";
import { writesByApi } from "./writes-by-api.ts";

let lab: Lab;
let machines: ManagedObjectReference[];

beforeEach(async () => {
  lab = await Lab.open({ ssh: { listen: "127.0.0.1:0" } });
  machines = [];
  for (const name of ["a", "b", "c"]) {
    await lab.create({ name, powerOn: false });
    machines.push({ type: "VirtualMachine", value: lab.raw.vm(name).moid });
  }
  await lab.raw.restart({ license: "free" });
  await lab.restart();
  lab.raw.simulator.requests.clear();
});

afterEach(async () => {
  expect(writesByApi(lab)).toEqual([]);
  await lab.close();
});

const set = (index: number, wish: AutoStartWish) =>
  setAutoStart(lab.host, machines[index] as ManagedObjectReference, wish);

async function namesAfterReboot(): Promise<string[]> {
  const started = await lab.raw.simulator.behindBack.reboot();
  return started.map((moid) => lab.raw.simulator.vms().find((vm) => vm.moid === moid)?.name ?? moid);
}

test("on a free host machines come into its list, which is switched on, in any order, and none beyond its end", async () => {
  const last = { enabled: true, order: 30, startDelaySeconds: 5, stopAction: "suspend" } as const;
  await Promise.all([
    set(0, last),
    set(1, { enabled: true, order: 10 }),
    set(2, { enabled: true, order: 20, waitForHeartbeat: true }),
  ]);
  const orders = lab.raw.simulator.requests
    .entries()
    .flatMap(
      ({ target }) => /PowerOn -1 (\d+)|PowerOn 5 (\d+)/.exec(target.replaceAll("'", ""))?.slice(1) ?? [],
    );
  expect(orders.filter(Boolean).every((order) => Number(order) <= 3)).toBe(true);
  expect(await namesAfterReboot()).toEqual(["b", "c", "a"]);
  expect(await observeAutoStart(lab.host, machines[0] as ManagedObjectReference, last)).toMatchObject({
    startDelaySeconds: 5,
    stopAction: "suspend",
  });
});

test("a machine that is taken out does not start any more, and may come back", async () => {
  await set(0, { enabled: true });
  await set(1, { enabled: true });
  await set(0, { enabled: false });
  expect(await namesAfterReboot()).toEqual(["b"]);
  await set(0, { enabled: true });
  await lab.raw.simulator.behindBack.powerOff(lab.raw.vm("b").moid);
  expect(await namesAfterReboot()).toContain("a");
});

test("a machine without a number is entered by one command, one with a number by two, and a change by one", async () => {
  const entries = async (...wishes: readonly [number, AutoStartWish][]) => {
    lab.raw.simulator.requests.clear();
    await Promise.all(wishes.map(([index, wish]) => set(index, wish)));
    const targets = lab.raw.simulator.requests.entries().map(({ target }) => target.replaceAll("'", ""));
    return targets.flatMap((target) => {
      const [, id, action, order] = /update_autostartentry -- (\d+) (\w+) -?\d+ (-?\d+)/.exec(target) ?? [];
      return id === undefined ? [] : [[id, action, Number(order)]];
    });
  };
  const [a, b, c] = machines.map(({ value }) => value);
  expect(await entries([0, { enabled: true }])).toEqual([[a, "PowerOn", -1]]);
  expect(await entries([1, { enabled: true, order: 1 }])).toEqual([
    [b, "PowerOn", -1],
    [b, "PowerOn", 1],
  ]);
  expect(await entries([0, { enabled: true, startDelaySeconds: 9 }])).toEqual([[a, "PowerOn", -1]]);
  expect(await entries([2, { enabled: true }], [0, { enabled: false }])).toEqual([
    [c, "PowerOn", -1],
    [a, "PowerOff", -1],
  ]);
  expect(await namesAfterReboot()).toEqual(["b", "c"]);
});
