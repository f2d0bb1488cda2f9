/** Tasks at a host that this process has not begun, or of whose beginning it was not told. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { othersEnded, othersTasks, untilEnded } from "../../../provider/host/others-tasks.ts";
import { retrieveOne } from "../../../provider/vim/property-collector.ts";
import type { ManagedObjectReference } from "../../../schema/index.ts";
import { failure, Lab } from "../resources/lab.ts";
import { Stranger } from "../resources/stranger.ts";

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.open({ taskDurationMs: 250 });
  await new Stranger(lab).vm("theirs");
});

afterEach(() => lab.close());

const { signal } = new AbortController();

/** Begins to power a machine on, as another client does. */
const begin = (name = "theirs") =>
  lab.host.client.call({ type: "VirtualMachine", value: lab.raw.vm(name).moid }, "PowerOnVM_Task", {});

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
