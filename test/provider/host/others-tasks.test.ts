/** Tasks at a host that this process has not begun, or of whose beginning it was not told. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  othersEnded,
  othersTasks,
  untilEnded,
  untilUntoldEnded,
} from "../../../provider/host/others-tasks.ts";
import { retrieveOne } from "../../../provider/vim/reads/property-collector.ts";
import { TransportError } from "../../../provider/vim/soap/transport-error.ts";
import type { ManagedObjectReference, TaskInfo } from "../../../schema/index.ts";
import { told } from "../../support/told.ts";
import { failure, Lab } from "../resources/lab.ts";
import { Stranger } from "../resources/stranger.ts";

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.open({ taskDurationMs: 250 });
  await new Stranger(lab).vm("theirs");
});

afterEach(async () => {
  vi.restoreAllMocks();
  await lab.close();
});

const { signal } = new AbortController();

/** Begins to power a machine on, as another client does. */
const begin = (name = "theirs") =>
  lab.host.client.call({ type: "VirtualMachine", value: lab.raw.vm(name).moid }, "PowerOnVM_Task", {});

const refOf = (name: string) => ({ type: "VirtualMachine", value: lab.raw.vm(name).moid });

/** Begins to power a machine on, which lasts until it is released. */
async function beginHeld(name?: string) {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  lab.raw.simulator.faults.add({
    method: "PowerOnVM_Task",
    count: 1,
    action: "continue",
    onTask: () => held,
  });
  return { task: await begin(name), release };
}

const stateOf = async (task: ManagedObjectReference) =>
  (await retrieveOne(lab.host.client, task, "Task", ["info.state"]))["info.state"];

const found = async (matches = vi.fn(() => true)) =>
  (await othersTasks(lab.host, matches, signal)).map(({ task }) => task.value);

describe("tasks of others", () => {
  test("are those that run, and that are of the wanted kind", async () => {
    expect(await found()).toEqual([]);
    const task = await begin();
    const matches = vi.fn(() => false);
    expect(await found(matches)).toEqual([]);
    expect(matches).toHaveBeenCalledTimes(1);
    expect(matches).toHaveBeenCalledWith(expect.objectContaining({ task }));
    expect(await found()).toEqual([task.value]);
  });

  test("are not those that this process waits for, nor those that have ended", async () => {
    const task = await begin();
    lab.host.ownTasks.add(task.value);
    expect(await found()).toEqual([]);
    lab.host.ownTasks.delete(task.value);
    await untilEnded(lab.host, [task], signal);
    expect(await found()).toEqual([]);
  });

  test("are those too that have not begun yet", async () => {
    const { task, release } = await beginHeld();
    const waiting = (info: TaskInfo) => (info.state === "running" ? { ...info, state: "queued" } : info);
    told(lab.host, "info", (info) => waiting(info as TaskInfo));
    expect(await found()).toEqual([task.value]);
    release();
  });

  test("are none of which the host tells nothing, nor any if it has no list", async () => {
    const { release } = await beginHeld();
    told(lab.host, "info", () => undefined);
    expect(await found()).toEqual([]);
    vi.restoreAllMocks();
    told(lab.host, "recentTask", () => undefined);
    expect(await found()).toEqual([]);
    release();
  });

  test("are none at a host that does not tell of tasks", async () => {
    const facts = await lab.host.facts();
    const { taskManager: _, ...content } = facts.content;
    vi.spyOn(lab.host, "facts").mockResolvedValue({ ...facts, content });
    await begin();
    expect(await found()).toEqual([]);
  });
});

describe("the wait for tasks", () => {
  test("lasts until all have ended, however they end", async () => {
    await new Stranger(lab).vm("broken");
    lab.raw.simulator.faults.add({
      method: "PowerOnVM_Task",
      count: 1,
      action: { taskFault: "SystemError", message: "not now" },
    });
    const tasks = [await begin("broken"), await begin()];
    await untilEnded(lab.host, tasks, signal);
    expect(await Promise.all(tasks.map(stateOf))).toEqual(["error", "success"]);
  });

  test("ends early at its limit, without an error", async () => {
    const task = await begin();
    await untilEnded(lab.host, [task], signal, AbortSignal.abort());
    expect(["queued", "running"]).toContain(await stateOf(task));
  });

  test("ends early with the run, and that is an error", async () => {
    const reason = new Error("^C");
    expect(await failure(untilEnded(lab.host, [await begin()], AbortSignal.abort(reason)))).toBe(reason);
  });
});

describe("the wait for tasks of a kind", () => {
  test("lasts until they have ended, and tells that there were some", async () => {
    const task = await begin();
    expect(await othersEnded(lab.host, /powerOn/i, signal)).toBe(true);
    expect(await stateOf(task)).toBe("success");
    expect(await othersEnded(lab.host, /powerOn/i, signal)).toBe(false);
  });

  test("is none for those of another kind", async () => {
    const task = await begin();
    expect(await othersEnded(lab.host, /copyVirtualDisk|undefined/i, signal)).toBe(false);
    expect(["queued", "running"]).toContain(await stateOf(task));
  });
});

describe("the wait for what nobody told of", () => {
  const lost = (method: string, self: ManagedObjectReference = refOf("theirs")) =>
    Object.assign(new TransportError("the answer was lost", { host: "esxi1", requestSent: true }), {
      call: { self, method },
    });
  const POWER_ON = "PowerOnVM_Task";

  test.each<[string, string, (info: TaskInfo) => TaskInfo, ManagedObjectReference?]>([
    ["that the call begins", POWER_ON, (info) => info],
    [
      "of another kind of object",
      POWER_ON,
      (info) => info,
      { type: "VirtualMachineSnapshot", value: "1-snapshot-1" },
    ],
    ["that says its machine, not its method", "CloneVM_Task", ({ name: _, ...info }) => info as TaskInfo],
    ["that says its method, not its machine", POWER_ON, ({ entity: _, ...info }) => info as TaskInfo],
  ])("lasts until a task has ended %s", async (_, method, change, self) => {
    const task = await begin();
    told(lab.host, "info", (info) => change(info as TaskInfo));
    await untilUntoldEnded(lab.host, lost(method, self), signal);
    expect(await stateOf(task)).toBe("success");
  });

  test.each<[string, string, (info: TaskInfo) => TaskInfo, string?]>([
    ["of another method", "PowerOffVM_Task", (info) => info],
    ["of another machine", POWER_ON, (info) => info, "other"],
    [
      "that says neither method nor machine",
      POWER_ON,
      ({ name: _, entity: __, ...info }) => info as TaskInfo,
    ],
  ])("is none for a task %s", async (_, method, change, name = "theirs") => {
    await new Stranger(lab).vm("other");
    const { task, release } = await beginHeld();
    told(lab.host, "info", (info) => change(info as TaskInfo));
    await untilUntoldEnded(lab.host, lost(method, refOf(name)), signal);
    expect(await stateOf(task)).toBe("running");
    release();
  });

  test("is for the task alone that the host has told of, whatever the error was", async () => {
    await new Stranger(lab).vm("other");
    const other = await beginHeld("other");
    const task = await begin();
    await untilUntoldEnded(lab.host, new Error("no updates"), signal, task);
    expect(await stateOf(task)).toBe("success");
    expect(await stateOf(other.task)).toBe("running");
    other.release();
  });

  test("looks again if a look fails, and tells of a host that is silent", async () => {
    const error = lost(POWER_ON);
    const { task } = await beginHeld().then(({ task, release }) => ({ task, opened: release() }));
    lab.raw.simulator.faults.add({
      method: "RetrievePropertiesEx",
      count: 1,
      action: { fault: "SystemError", message: "not now", properties: { reason: "a test" } },
    });
    await untilUntoldEnded(lab.host, error, signal);
    expect(await stateOf(task)).toBe("success");
    expect(error.isSilence).toBe(false);
    const silent = new TransportError("no answer", { host: "esxi1", requestSent: "unknown" });
    silent.isSilence = true;
    vi.spyOn(lab.host.client, "call").mockRejectedValue(silent);
    await untilUntoldEnded(lab.host, error, signal);
    expect(error.isSilence).toBe(true);
  });

  test("asks nothing if the host itself has ended the task, or nothing was begun", async () => {
    lab.raw.simulator.faults.add({
      method: POWER_ON,
      count: 1,
      action: { taskFault: "SystemError", message: "not now" },
    });
    const task = await begin();
    const fault = await failure(lab.host.client.updates.waitForTask(task, { signal }));
    lab.raw.simulator.requests.clear();
    await untilUntoldEnded(lab.host, fault, signal, task);
    await untilUntoldEnded(lab.host, new Error("no such machine"), signal);
    expect(lab.raw.count()).toBe(0);
  });
});
