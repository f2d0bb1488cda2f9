import { setImmediate as nextTick } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { setAutoStart } from "../../../provider/host/vm/auto-start.ts";
import { scratchVm } from "../../../provider/resources/vm/scratch-vm.lifecycle.ts";
import { VimClient } from "../../../provider/vim/client.ts";
import { failure, type Managed } from "./lab.ts";
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

test("a list that the host does not tell is not taken for an empty one", async () => {
  const settings = { ...SMALL, autoStart: { order: 1 } };
  const vm = await vms.create("vm", settings);
  await vms.lab.restart();
  const { client } = vms.lab.host;
  const call = VimClient.prototype.call;
  client.call = async function (this: VimClient, ...args: Parameters<typeof call>) {
    const answer: unknown = await call.apply(this, args);
    if (args[1] !== "RetrievePropertiesEx") return answer;
    const { objects } = answer as { objects: { obj: { type: string }; propSet?: unknown }[] };
    const untold = ({ obj }: (typeof objects)[number]) => obj.type === "HostAutoStartManager";
    return { objects: objects.map((one) => (untold(one) ? { ...one, propSet: undefined } : one)) };
  } as typeof call;
  expect((await read(vm)).outs).toEqual(vm.outs);
  expect(vms.lab.texts("warn").join()).toMatch(/does not show its list of machines.*stays in state/);
  const calls = vms.lab.raw.count("ReconfigureAutostart");
  const { message } = await failure(vms.update(vm, { ...settings, autoStart: { order: 2 } }));
  expect(message).toContain("does not show its list of machines that start with it");
  expect(vms.lab.raw.count("ReconfigureAutostart")).toBe(calls);
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

describe("machines whose program gives them an order", () => {
  const ordered = (order: number) => ({ ...SMALL, autoStart: { order } });

  /** Nothing that a refresh finds is a difference from what the program says. */
  async function expectNoDrift(made: readonly (readonly [Managed, Record<string, unknown>])[]) {
    for (const [vm, settings] of made) {
      const seen = await read(vm);
      expect(seen.outs.autoStart).toMatchObject(settings.autoStart as object);
      expect((await vms.diff(seen, settings)).changes).toBe(false);
    }
  }

  test.each([
    ["the last first", [3, 1, 2]],
    ["with gaps between", [30, 10, 20]],
    ["two of them the same", [2, 1, 1]],
    ["all the same", [5, 5, 5]],
  ] as const)("come up in it, added %s, and do not drift", async (_what, orders) => {
    for (const startOrderCounts of ["newcomers", "members"] as const) {
      await vms.lab.raw.restart({ behaviour: { startOrderCounts } });
      await vms.lab.restart();
      const made: [Managed, Record<string, unknown>][] = [];
      for (const [index, order] of orders.entries()) {
        const settings = ordered(order);
        made.push([await vms.create(`vm${index}`, settings), settings]);
      }
      await expectNoDrift(made);
      const names = made.map(([, { autoStart }], index) => ({ name: `vm${index}`, autoStart }));
      const byOrder = names.sort((a, b) => orders[numberOf(a)] - orders[numberOf(b)]);
      expect(await namesAfterReboot()).toEqual(byOrder.map(({ name }) => name));
      await vms.lab.restart();
      for (const [vm] of made) await vms.delete(vm);
      expect(await namesAfterReboot()).toEqual([]);
      await vms.lab.restart();
    }
  });

  test("are sent together, and find their places together", async () => {
    const orders = [4, 2, 5, 1, 3];
    const made = await Promise.all(
      orders.map(async (order) => {
        const settings = ordered(order);
        return [await vms.create(`vm${order}`, settings), settings] as const;
      }),
    );
    await expectNoDrift(made);
    expect(await namesAfterReboot()).toEqual(["vm1", "vm2", "vm3", "vm4", "vm5"]);
  });

  test("find their places among those of an earlier run", async () => {
    await vms.create("third", ordered(30));
    await vms.create("first", ordered(10));
    await vms.lab.restart();
    await vms.create("second", ordered(20));
    expect(await namesAfterReboot()).toEqual(["first", "second", "third"]);
  });

  test("leave the machines of others in their order", async () => {
    const { raw, host } = vms.lab;
    for (const name of ["theirs", "theirs too"]) {
      await vms.create(name, SMALL);
      const ref = { type: "VirtualMachine", value: raw.vm(name).moid };
      await setAutoStart(host, ref, { enabled: true, order: name === "theirs" ? 1 : 2 });
    }
    await vms.create("ours", ordered(2));
    expect(await namesAfterReboot()).toEqual(["theirs", "ours", "theirs too"]);
  });

  test("are told when somebody has moved them, and go back", async () => {
    const [a, b] = [await vms.create("a", ordered(1)), await vms.create("b", ordered(2))];
    const { raw, host } = vms.lab;
    const manager = { type: "HostAutoStartManager", value: "ha-autostart-mgr" };
    await host.client.call(manager, "ReconfigureAutostart", {
      spec: { powerInfo: [byHand(raw.vm("b").moid, 1)] },
    });
    await vms.lab.restart();
    const seen = await read(b);
    expect(seen.outs.autoStart).toMatchObject({ order: 1 });
    expect((await vms.diff(seen, ordered(2))).changes).toBe(true);
    await vms.update(seen, ordered(2));
    await expectNoDrift([
      [a, ordered(1)],
      [b, ordered(2)],
    ]);
    expect(await namesAfterReboot()).toEqual(["a", "b"]);
  });

  test("may be switched off with an order, which is no difference", async () => {
    const settings = { ...SMALL, autoStart: { enabled: false, order: 2 } };
    const vm = await vms.create("vm", settings);
    await expectNoDrift([[vm, settings]]);
    const on = await vms.update(vm, ordered(2));
    expect(await namesAfterReboot()).toEqual(["vm"]);
    await vms.lab.restart();
    const off = await vms.update(on, settings);
    await expectNoDrift([[off, settings]]);
    expect(await namesAfterReboot()).toEqual([]);
  });

  test("cost no call of their own to remember it", async () => {
    await vms.create("vm", ordered(1));
    expect(vms.lab.raw.count("ReconfigureAutostart")).toBe(1);
    expect(vms.lab.raw.count("ReconfigVM_Task")).toBe(1);
  });
});

const numberOf = ({ name }: { readonly name: string }) => Number(name.slice(2)) as 0 | 1 | 2;

function byHand(moid: string, startOrder: number) {
  return {
    ...{ key: { type: "VirtualMachine", value: moid }, startOrder, startDelay: -1, stopDelay: -1 },
    ...{ waitForHeartbeat: "systemDefault" as const, startAction: "powerOn", stopAction: "systemDefault" },
  };
}
