import { afterEach, describe, expect, test, vi } from "vitest";
import { clock } from "../../../../provider/clock.ts";
import { VimClient } from "../../../../provider/vim/client.ts";
import { create, isReference } from "../../../../provider/vim/codec/objects.ts";
import { TaskFault, VimFault } from "../../../../provider/vim/faults.ts";
import { retrieveAll } from "../../../../provider/vim/reads/property-collector.ts";
import type { VimCaller } from "../../../../provider/vim/soap/caller.ts";
import { TransportError } from "../../../../provider/vim/soap/transport-error.ts";
import { createHostAgent } from "../../../../provider/vim/tls/tls.ts";
import { ObjectGoneError } from "../../../../provider/vim/watch/object-gone-error.ts";
import { WaitLoop, type WaitLoopOptions } from "../../../../provider/vim/watch/wait-loop.ts";
import type { ManagedObjectReference, ServiceContent } from "../../../../schema/index.ts";
import type { Simulator, SimulatorOptions } from "../../../../simulator/index.ts";
import { SimulatedHost } from "../../../support/simulated-host.ts";
import { serviceContent, startSoapServer, USER_SESSION } from "../soap-server.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A loop of its own whose calls go this way. */
function loopThrough(client: VimClient, call: VimCaller["call"]): WaitLoop {
  const loop = new WaitLoop({
    host: client.host,
    get sessionNumber() {
      return client.sessionNumber;
    },
    serviceContent: (signal) => client.serviceContent(signal),
    call,
  });
  closing.push(() => loop.stop());
  return loop;
}

/** A simulated host and a client that is logged in. */
async function startHost(options: Partial<SimulatorOptions> = {}) {
  const simulated = await SimulatedHost.start({ password: "pw", ...options });
  closing.push(() => simulated.stop());
  const host = simulated.simulator;
  const agent = createHostAgent({ origin: host.url, thumbprint: host.thumbprint });
  closing.push(() => agent.destroy());
  const client = new VimClient({
    host: "lab1",
    origin: host.url,
    username: host.username,
    password: () => "pw",
    agent,
    retry: { attempts: 2, baseDelayMs: 5, maxDelayMs: 10 },
  });
  closing.push(() => client.updates.stop());
  const [datacenter] = await retrieveAll(client, "Datacenter", ["vmFolder"]);
  const [pool] = await retrieveAll(client, "ResourcePool", ["name"]);
  const vmFolder = datacenter?.properties.vmFolder;
  if (!vmFolder || !pool) throw new Error("the host has no inventory");

  /** Begins to create a VM; the task. */
  const beginVm = (name: string): Promise<ManagedObjectReference> => {
    const files = create("VirtualMachineFileInfo", { vmPathName: "[datastore1]" });
    const config = create("VirtualMachineConfigSpec", {
      name,
      guestId: "otherGuest",
      memoryMB: 64,
      numCPUs: 1,
      files,
    });
    return client.call(vmFolder, "CreateVM_Task", { config, pool: pool.ref });
  };
  const createVm = async (name: string): Promise<ManagedObjectReference> => {
    const vm = await client.updates.waitForTask(await beginVm(name));
    if (!isReference(vm)) throw new Error("the task's result is no reference");
    return vm;
  };
  const annotate = async (vm: ManagedObjectReference, annotation: string) => {
    const task = await client.call(vm, "ReconfigVM_Task", {
      spec: create("VirtualMachineConfigSpec", { annotation }),
    });
    await client.updates.waitForTask(task);
  };
  return { host, client, updates: client.updates, beginVm, createVm, annotate };
}

async function failure(work: Promise<unknown>): Promise<Error> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error("it did not fail");
  return error;
}

const waiting = (host: Simulator) =>
  host.requests
    .entries()
    .filter(({ method, status }) => method === "WaitForUpdatesEx" && status === undefined).length;

describe("a task", () => {
  test("gives its result", async () => {
    const { updates, beginVm } = await startHost({ taskDurationMs: 30 });
    const result = await updates.waitForTask(await beginVm("a"));
    expect(result).toEqual({ type: "VirtualMachine", value: expect.stringMatching(/^\d+$/) });
  });

  test("that has finished before anybody waits gives its result as well", async () => {
    const { host, client, updates, beginVm } = await startHost();
    const task = await beginVm("a");
    await expect.poll(() => retrieveAll(client, "VirtualMachine", ["name"])).toHaveLength(1);
    expect(isReference(await updates.waitForTask(task))).toBe(true);
    expect(host.requests.count("CreateFilter")).toBe(0);
  });

  test.each<[string, string[], string[]]>([
    ["over when it has had ten milliseconds costs one look", ["success"], ["1"]],
    ["over some time later costs two", ["running", "success"], ["1", "3"]],
  ])("that is %s, and is not watched", async (_what, states, tensOfMs) => {
    vi.useFakeTimers();
    closing.push(async () => vi.useRealTimers());
    const began = Date.now();
    const calls: string[] = [];
    const obj = { type: "Task", value: "t" };
    const loop = new WaitLoop({
      host: "lab1",
      sessionNumber: 1,
      serviceContent: async () => create("ServiceContent", { propertyCollector: obj } as ServiceContent),
      call: async (_self, method) => {
        calls.push(`${method} after ${Math.floor((Date.now() - began) / 10)}x ms`);
        const state = create("DynamicProperty", { name: "info.state", val: states[calls.length - 1] });
        return create("RetrieveResult", {
          objects: [create("ObjectContent", { obj, propSet: [state] })],
        }) as never;
      },
    });
    const work = loop.waitForTask(obj);
    await vi.advanceTimersByTimeAsync(1_000);
    await work;
    expect(calls).toEqual(tensOfMs.map((tens) => `RetrievePropertiesEx after ${tens}x ms`));
  });

  test("that has only begun rejects when the loop is stopped", async () => {
    const { host, updates, beginVm } = await startHost({ taskDurationMs: 100 });
    const task = await beginVm("a");
    host.requests.clear();
    const work = failure(updates.waitForTask(task));
    await updates.stop();
    expect((await work).message).toBe("lab1: the connection to the host was closed");
    expect(host.requests.count()).toBe(0);
  });

  test("tells its progress", async () => {
    const { updates, beginVm } = await startHost({ taskDurationMs: 400 });
    const percents: number[] = [];
    await updates.waitForTask(await beginVm("a"), { onProgress: (percent) => percents.push(percent) });
    expect(percents.length).toBeGreaterThan(0);
    expect(percents).toEqual([...new Set(percents)].sort((a, b) => a - b));
  });

  test("that fails is a TaskFault with the operation, the VM and the host's words", async () => {
    const { client, updates, createVm } = await startHost({ taskDurationMs: 20 });
    const vm = await createVm("web");
    await updates.waitForTask(await client.call(vm, "PowerOnVM_Task", {}));
    const error = await failure(
      client.call(vm, "PowerOnVM_Task", {}).then((task) => updates.waitForTask(task)),
    );
    if (!(error instanceof TaskFault)) throw error;
    expect(error.is("InvalidPowerState")).toBe(true);
    expect(error.entityName).toBe("web");
    expect(error.message).toMatch(/^lab1: VirtualMachine\.powerOn on "web" failed: .+ \(InvalidPowerState\)/);
  });

  test("that the host does not know (any more) is told at once", async () => {
    const { updates } = await startHost();
    const task = { type: "Task", value: "haTask-1-vim.VirtualMachine.powerOn-999" };
    expect(await failure(updates.waitForTask(task))).toBeInstanceOf(ObjectGoneError);
  });

  test("that is purged right when it ends does not hang", async () => {
    const { updates, beginVm } = await startHost({ taskDurationMs: 30, taskRetentionSeconds: 0 });
    const settled = await Promise.allSettled([updates.waitForTask(await beginVm("a"))]);
    const [outcome] = settled;
    if (outcome?.status === "rejected") expect(outcome.reason).toBeInstanceOf(ObjectGoneError);
  });

  test("is left to itself when the signal says so, and the others go on", async () => {
    const { updates, beginVm } = await startHost({ taskDurationMs: 200 });
    const stop = new AbortController();
    const [left, kept] = await Promise.all([beginVm("a"), beginVm("b")]);
    const leaving = failure(updates.waitForTask(left, { signal: stop.signal }));
    const staying = updates.waitForTask(kept);
    stop.abort(new Error("cancelled by the test"));
    expect((await leaving).message).toBe("cancelled by the test");
    expect(isReference(await staying)).toBe(true);
  });
});

describe("many tasks at once", () => {
  test("share one open request, one view and one filter", async () => {
    const { host, updates, beginVm } = await startHost({ taskDurationMs: 100 });
    const names = Array.from({ length: 100 }, (_, index) => `vm${index}`);
    host.requests.clear();
    await Promise.all(names.map(async (name) => updates.waitForTask(await beginVm(name))));
    expect(host.requests.count("CreatePropertyCollector")).toBe(1);
    expect(host.requests.count("CreateListView")).toBe(1);
    expect(host.requests.count("CreateFilter")).toBe(1);
    expect(host.requests.maxConcurrent("WaitForUpdatesEx")).toBe(1);
    expect(host.requests.count() - host.requests.count("WaitForUpdatesEx")).toBeLessThan(160);
  });
});

describe("what goes wrong on the way", () => {
  test("an expired session: the watch goes on in the next one", async () => {
    const { host, updates, beginVm } = await startHost({ taskDurationMs: 1500 });
    const work = updates.waitForTask(await beginVm("a"));
    await expect.poll(() => waiting(host)).toBe(1);
    host.expireSessions();
    expect(isReference(await work)).toBe(true);
    expect(host.requests.count("Login")).toBe(2);
  });

  test("a session that expired while nobody waited", async () => {
    const { host, createVm } = await startHost({ taskDurationMs: 20 });
    await createVm("a");
    host.expireSessions();
    expect(isReference(await createVm("b"))).toBe(true);
    expect(host.requests.count("Login")).toBe(2);
  });

  test.each([["disconnect" as const], [{ status: 503 }], [{ fault: "SystemError" }]])(
    "a host that answers with %j for a while",
    async (action) => {
      const { host, updates, beginVm } = await startHost({ taskDurationMs: 100 });
      host.faults.add({ method: "WaitForUpdatesEx", action, count: 3 });
      expect(isReference(await updates.waitForTask(await beginVm("a")))).toBe(true);
    },
  );

  test("a host that stays away is waited for as long as two minutes, unless another limit is asked for", async () => {
    vi.useFakeTimers();
    closing.push(async () => vi.useRealTimers());
    const away = () => Promise.reject(new TransportError("away", { host: "lab1", requestSent: false }));
    const caller = { host: "lab1", sessionNumber: 1, serviceContent: away, call: away };
    const settledOf = (options: WaitLoopOptions) => {
      const settled: unknown[] = [];
      const loop = new WaitLoop(caller, options);
      const watching = loop.watch({ type: "Task", value: "t" }, "Task", ["info.state"], () => undefined);
      watching.catch((error: unknown) => settled.push(error));
      return settled;
    };
    const [usual, short] = [settledOf({}), settledOf({ giveUpAfterMs: 20_000 })];
    await vi.advanceTimersByTimeAsync(19_999);
    expect([usual, short]).toEqual([[], []]);
    // No pause is longer than ten seconds.
    await vi.advanceTimersByTimeAsync(10_001);
    expect([usual.length, short.length]).toEqual([0, 1]);
    await vi.advanceTimersByTimeAsync(119_999 - 30_000);
    expect(usual).toEqual([]);
    await vi.advanceTimersByTimeAsync(10_001);
    expect(usual).toEqual([expect.any(TransportError)]);
  });

  /** A host with a task, behind something that ends each request after 25 seconds of silence. */
  function cutOffHost() {
    const lost = () => new TransportError("cut", { host: "lab1", requestSent: "unknown" });
    const task = { type: "Task", value: "t" };
    const host = { state: "running", isAway: false };
    const answers: Readonly<Record<string, () => unknown>> = {
      CreatePropertyCollector: () => ({ type: "PropertyCollector", value: "p" }),
      CreateListView: () => ({ type: "ListView", value: "v" }),
      CreateFilter: () => ({ type: "PropertyFilter", value: "f" }),
      RetrievePropertiesEx: () => ({
        objects: [{ obj: task, propSet: [{ name: "info.state", val: host.state }] }],
      }),
    };
    const call = async (_self: unknown, method: string) => {
      if (host.isAway) throw lost();
      if (method !== "WaitForUpdatesEx") return answers[method]?.();
      await new Promise((resolve) => setTimeout(resolve, 25_000));
      throw lost();
    };
    const content = {
      propertyCollector: { type: "PropertyCollector", value: "root" },
      viewManager: { type: "ViewManager", value: "views" },
    };
    const serviceContent = async () => content as unknown as ServiceContent;
    const caller = { host: "lab1", sessionNumber: 1, serviceContent, call: call as VimCaller["call"] };
    const settledOf = (loop: WaitLoop) => {
      const settled: unknown[] = [];
      const check = (now: { "info.state"?: unknown }) =>
        now["info.state"] === "success" ? "done" : undefined;
      loop.watch(task, "Task", ["info.state"], check).then(
        (result) => settled.push(result),
        (error: unknown) => settled.push(error),
      );
      return settled;
    };
    return { host, settled: () => settledOf(new WaitLoop(caller)) };
  }

  test("something on the way that ends silent connections does not make the host a dead one", async () => {
    vi.useFakeTimers();
    closing.push(async () => vi.useRealTimers());
    const { host, settled: watched } = cutOffHost();
    const settled = watched();
    await vi.advanceTimersByTimeAsync(1_800_000);
    expect(settled).toEqual([]);
    host.state = "success";
    await vi.advanceTimersByTimeAsync(60_000);
    expect(settled).toEqual(["done"]);
    host.state = "running";
    const dead = watched();
    await vi.advanceTimersByTimeAsync(600_000);
    host.isAway = true;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(dead).toEqual([]);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(dead).toEqual([expect.any(TransportError)]);
  });

  test("a machine that has slept for an hour in a wait goes on with it", async () => {
    vi.useFakeTimers();
    closing.push(async () => vi.useRealTimers());
    const { host, settled: watched } = cutOffHost();
    const settled = watched();
    await vi.advanceTimersByTimeAsync(10_000);
    const awake = vi.spyOn(clock, "now").mockImplementation(() => Math.floor(performance.now()) + 3_600_000);
    closing.push(async () => awake.mockRestore());
    host.isAway = true;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(settled).toEqual([]);
    Object.assign(host, { isAway: false, state: "success" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(settled).toEqual(["done"]);
  });

  test("a host that stays away: all who wait are told", async () => {
    const { host, client, beginVm } = await startHost({ taskDurationMs: 60_000 });
    const loop = new WaitLoop(client, { giveUpAfterMs: 200 });
    const tasks = await Promise.all([beginVm("a"), beginVm("b")]);
    const waits = tasks.map((task) => failure(loop.waitForTask(task)));
    await expect.poll(() => waiting(host)).toBe(1);
    host.faults.add({ action: "disconnect" });
    host.expireSessions();
    for (const error of await Promise.all(waits)) expect(error).toBeInstanceOf(TransportError);
  });
});

describe("a host that reports no change", () => {
  test("is asked after each silence, so that nothing is missed", async () => {
    const info = (state: string) =>
      `<returnval><objects><obj type="Task">t</obj><propSet><name>info.state</name>
       <val xsi:type="TaskInfoState">${state}</val></propSet></objects></returnval>`;
    const silent: Readonly<Record<string, string>> = {
      RetrieveServiceContent: serviceContent(),
      Login: USER_SESSION,
      CreatePropertyCollector: '<returnval type="PropertyCollector">p</returnval>',
      CreateListView: '<returnval type="ListView">v</returnval>',
      CreateFilter: '<returnval type="PropertyFilter">f</returnval>',
      WaitForUpdatesEx: "",
    };
    const host = await startSoapServer(({ method }) => {
      if (method !== "RetrievePropertiesEx") return { xml: silent[method] ?? "" };
      return { xml: info(host.count(method) < 4 ? "running" : "success") };
    });
    closing.push(() => host.close());
    const agent = createHostAgent({ origin: host.origin });
    closing.push(() => agent.destroy());
    const identity = { username: "root", password: () => "pw", origin: host.origin };
    const client = new VimClient({ host: "lab1", agent, ...identity });
    await client.updates.waitForTask({ type: "Task", value: "t" });
    expect(host.count("RetrievePropertiesEx")).toBe(4);
    expect(host.count("WaitForUpdatesEx")).toBe(2);
  });
});

test("news of a new filter that overtake the answer to its making are not lost", {
  timeout: 20_000,
}, async () => {
  const { host, client, createVm } = await startHost();
  const [one, other] = [await createVm("one"), await createVm("other")];
  const polled: (() => void)[] = [];
  let filters = 0;
  const loop = loopThrough(client, async (self, method, params, options) => {
    if (method !== "CreateFilter" || ++filters === 1) {
      const result = await client.call(self, method, params, options);
      if (method === "WaitForUpdatesEx") for (const tell of polled.splice(0)) setImmediate(tell);
      return result;
    }
    await host.behindBack.reconfigure(other.value, { annotation: "new" });
    const news = new Promise<void>((resolve) => polled.push(resolve));
    const filter = await client.call(self, method, params, options);
    await news;
    return filter;
  });
  const first = loop.watch(one, "VirtualMachine", ["name"], () => undefined);
  first.catch(() => {});
  await expect.poll(() => waiting(host)).toBe(1);
  const seen = loop.watch(
    other,
    "VirtualMachine",
    ["config.annotation"],
    (now) => now["config.annotation"] === "new" || undefined,
  );
  expect(await seen).toBe(true);
});

describe("when nobody waits any more", () => {
  test("no request stays open", async () => {
    const { host, createVm } = await startHost({ taskDurationMs: 50 });
    await createVm("a");
    await expect.poll(() => waiting(host)).toBe(0);
  });

  test("because all were stopped, they are told why, and the loop can be used again", async () => {
    const { host, updates, beginVm, createVm } = await startHost({ taskDurationMs: 500 });
    const work = failure(updates.waitForTask(await beginVm("a")));
    await expect.poll(() => waiting(host)).toBe(1);
    await updates.stop();
    expect((await work).message).toBe("lab1: the connection to the host was closed");
    await expect.poll(() => waiting(host)).toBe(0);
    expect(isReference(await createVm("b"))).toBe(true);
  });
});

describe("a watch", () => {
  test("sees the values now and each change, until it has what it waits for", async () => {
    const { updates, createVm, annotate } = await startHost({ taskDurationMs: 10 });
    const vm = await createVm("a");
    await annotate(vm, "first");
    const seen: unknown[] = [];
    const work = updates.watch(vm, "VirtualMachine", ["config.annotation"], (values) => {
      seen.push(values["config.annotation"]);
      return values["config.annotation"] === "last" ? "done" : undefined;
    });
    await expect.poll(() => seen).toContain("first");
    await annotate(vm, "last");
    expect(await work).toBe("done");
    expect([seen[0], seen.at(-1)]).toEqual(["first", "last"]);
  });

  test("sees the values of now, not those that an earlier watch of the same object saw", async () => {
    const { updates, createVm, annotate } = await startHost({ taskDurationMs: 10 });
    const vm = await createVm("a");
    const look = (wanted: string) =>
      updates.watch(vm, "VirtualMachine", ["config.annotation"], (values) =>
        values["config.annotation"] === wanted ? wanted : undefined,
      );
    const waits = look("one");
    await annotate(vm, "one");
    await waits;
    await annotate(vm, "two");
    const first: unknown[] = [];
    await updates.watch(vm, "VirtualMachine", ["config.annotation"], (values) =>
      first.push(values["config.annotation"]),
    );
    expect(first).toEqual(["two"]);
  });

  test("rejects with what its check throws", async () => {
    const { updates, createVm } = await startHost();
    const vm = await createVm("a");
    const work = updates.watch(vm, "VirtualMachine", ["name"], ({ name }) => {
      throw new Error(`not ${name}`);
    });
    await expect(work).rejects.toThrow("not a");
  });

  test("ends when the object is deleted", async () => {
    const { client, updates, createVm } = await startHost({ taskDurationMs: 10 });
    const vm = await createVm("a");
    const work = failure(
      updates.watch(vm, "VirtualMachine", ["guest.ipAddress"], (values) => values["guest.ipAddress"]),
    );
    await updates.waitForTask(await client.call(vm, "Destroy_Task", {}));
    expect(await work).toBeInstanceOf(ObjectGoneError);
  });

  test("ends when the object is deleted before the host began to watch it", async () => {
    const { host, client, createVm } = await startHost();
    const [vm, other] = [await createVm("a"), await createVm("b")];
    const loop = loopThrough(client, async (self, method, params, options) => {
      if (method === "CreateFilter") await host.behindBack.destroy(vm.value);
      return client.call(self, method, params, options);
    });
    const kept = failure(loop.watch(other, "VirtualMachine", ["guest.ipAddress"], () => undefined));
    const work = failure(loop.watch(vm, "VirtualMachine", ["guest.ipAddress"], () => undefined));
    expect(await work).toBeInstanceOf(ObjectGoneError);
    host.requests.clear();
    await host.behindBack.destroy(other.value);
    expect(await kept).toBeInstanceOf(ObjectGoneError);
  });

  test("of a property that does not exist fails, and the others go on", async () => {
    const { updates, createVm, beginVm } = await startHost({ taskDurationMs: 200 });
    const vm = await createVm("a");
    const task = updates.waitForTask(await beginVm("b"));
    const wrong = failure(updates.watch(vm, "VirtualMachine", ["config.nothing"], () => undefined));
    expect((await wrong).message).toContain("InvalidProperty");
    expect(isReference(await task)).toBe(true);
  });
});

test("what the loop does not expect reaches those who wait, and ends nothing else", async () => {
  const { client, createVm } = await startHost();
  const vm = await createVm("a");
  let isBroken = false;
  const loop = new WaitLoop({
    host: client.host,
    get sessionNumber() {
      if (isBroken) throw new Error("a defect");
      return client.sessionNumber;
    },
    serviceContent: (signal) => client.serviceContent(signal),
    call: async (self, method, params, options) => {
      if (method !== "WaitForUpdatesEx") return client.call(self, method, params, options);
      isBroken = true;
      throw new VimFault({ host: "lab1", method, fault: { $type: "RuntimeFault" }, hostMessage: "" });
    },
  });
  const seen = loop.watch(vm, "VirtualMachine", ["name"], () => undefined);
  await expect(seen).rejects.toThrow("a defect");
});
